package elcoin

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// The vectors of the facts: secret, body and signature.
const (
	factSecret = "app-secret"
	factBody   = `{"client_code":"EN00000CY","device_type":"totp","device_number":"demo"}`
	factSum    = "93a652f270f521536cb8ab698b538aab96bda88a3e69d42a9d9b8ea7c9959946"
	emptySum   = "f685db4c946698bf105ff5b62e30bc1f78216f3914b12bb750f8992aa6748824"
)

var factTime = time.Unix(1_790_000_000, 0)

func signedCall(method, target, body string, header http.Header) *exchange {
	r := httptest.NewRequest(method, target, nil)
	for name, all := range header {
		r.Header[name] = all
	}
	return &exchange{Call: &dialect.Call{Request: r, Body: []byte(body)}, Elcoin: &Elcoin{log: zap.NewNop()}}
}

// verified says whether a call passes at factTime, and what is remembered of it.
func verified(x *exchange, secret string) (once []byte, until time.Time, ok bool) {
	s, ok := readSignature(x.Call)
	if !ok {
		return nil, time.Time{}, false
	}
	return x.verifier(s)([]byte(secret), factTime)
}

func baseOf(text string) string {
	raw, _ := hex.DecodeString(text)
	return base64.StdEncoding.EncodeToString(raw)
}

// X-App-Sig is the HMAC-SHA256 of the body, byte for byte, in any of its spellings.
func TestSignature(t *testing.T) {
	for name, c := range map[string]struct {
		body, sig string
		ok        bool
	}{
		"the vector":         {factBody, factSum, true},
		"an empty body":      {"", emptySum, true},
		"in capitals":        {factBody, strings.ToUpper(factSum), true},
		"in Base64":          {factBody, baseOf(factSum), true},
		"with a prefix":      {factBody, "sha256=" + factSum, true},
		"Base64 and prefix":  {factBody, "sha256=" + baseOf(factSum), true},
		"another body":       {factBody + " ", factSum, false},
		"no body":            {"", factSum, false},
		"another signature":  {factBody, emptySum, false},
		"a part":             {factBody, factSum[:62], false},
		"more":               {factBody, factSum + "00", false},
		"nothing":            {factBody, "", false},
		"a prefix alone":     {factBody, "sha256=", false},
		"another prefix":     {factBody, "sha1=" + factSum, false},
		"two prefixes":       {factBody, "sha256=sha256=" + factSum, false},
		"Base64 for URLs":    {factBody, strings.NewReplacer("+", "-", "/", "_").Replace(baseOf(factSum)) + "=", false},
		"Base64 not padded":  {factBody, strings.TrimRight(baseOf(factSum), "="), false},
		"DEV-SKIP":           {factBody, devSkip, false},
		"a space":            {factBody, " " + factSum, false},
		"of a short body":    {"{", factSum, false},
		"no hex of 64 signs": {factBody, strings.Repeat("x", 64), false},
	} {
		once, _, ok := verified(signedCall(http.MethodPost, "/x", c.body, http.Header{sigHeader: {c.sig}}), factSecret)
		if ok != c.ok || once != nil {
			t.Errorf("%s: %v, %x", name, ok, once)
		}
	}
	if _, _, ok := verified(signedCall(http.MethodPost, "/x", factBody, http.Header{sigHeader: {factSum}}), "app-secrets"); ok {
		t.Error("another secret passes")
	}
	if _, _, ok := verified(signedCall(http.MethodPost, "/x", factBody, nil), factSecret); ok {
		t.Error("a call without the header passes")
	}
}

// With a time and a nonce the whole call is signed, near that time, and what is remembered of
// it is that of its nonce.
func TestSignatureOnce(t *testing.T) {
	const path, ts, nonce = "/bank/model/oAuthDevice/getDb/a%2Fb?x=1&y=%20", "1790000000", "0123456789abcdef"
	sig := func(method, path, ts, nonce, body string) string {
		return hex.EncodeToString(sum([]byte(factSecret), []byte(method+"\n"+path+"\n"+ts+"\n"+nonce+"\n"+body)))
	}
	header := func(sig, ts, nonce string) http.Header {
		return http.Header{sigHeader: {sig}, tsHeader: {ts}, nonceHeader: {nonce}}
	}
	good := sig("POST", path, ts, nonce, factBody)
	once, until, ok := verified(signedCall("POST", path, factBody, header(good, ts, nonce)), factSecret)
	if !ok || len(once) != 32 || until != factTime.Add(6*time.Minute) {
		t.Fatalf("%x until %s, %v", once, until, ok)
	}
	again, _, _ := verified(signedCall("GET", "/y", "", header(sig("GET", "/y", "1790000100", nonce, ""), "1790000100", nonce)), factSecret)
	other, _, _ := verified(signedCall("GET", "/y", "", header(sig("GET", "/y", ts, nonce+"0", ""), ts, nonce+"0")), factSecret)
	if string(again) != string(once) || string(other) == string(once) || len(other) != 32 {
		t.Errorf("%x, %x, %x", once, again, other)
	}
	if string(once) == string(sum([]byte(factSecret), []byte(nonce))) {
		t.Error("what is remembered is what a body would be signed with")
	}
	for name, c := range map[string]struct {
		method, path, body string
		header             http.Header
	}{
		"another method":   {"GET", path, factBody, header(good, ts, nonce)},
		"another path":     {"POST", "/bank/model/oAuthDevice/getDb/a/b?x=1&y=%20", factBody, header(good, ts, nonce)},
		"another query":    {"POST", strings.Replace(path, "x=1", "x=2", 1), factBody, header(good, ts, nonce)},
		"another body":     {"POST", path, factBody + " ", header(good, ts, nonce)},
		"another time":     {"POST", path, factBody, header(good, "1790000001", nonce)},
		"another nonce":    {"POST", path, factBody, header(good, ts, nonce+"0")},
		"the body's own":   {"POST", path, factBody, header(factSum, ts, nonce)},
		"no nonce":         {"POST", path, factBody, http.Header{sigHeader: {factSum}, tsHeader: {ts}}},
		"no time":          {"POST", path, factBody, http.Header{sigHeader: {factSum}, nonceHeader: {nonce}}},
		"too long ago":     {"POST", path, "", header(sig("POST", path, "1789999699", nonce, ""), "1789999699", nonce)},
		"too far ahead":    {"POST", path, "", header(sig("POST", path, "1790000301", nonce, ""), "1790000301", nonce)},
		"milliseconds":     {"POST", path, "", header(sig("POST", path, ts+"000", nonce, ""), ts+"000", nonce)},
		"a short nonce":    {"POST", path, "", header(sig("POST", path, ts, "1234567", ""), ts, "1234567")},
		"a line in it":     {"POST", path, "", header(sig("POST", path, ts, "12345678\n", ""), ts, "12345678\n")},
		"two signatures":   {"POST", path, factBody, http.Header{sigHeader: {good, good}, tsHeader: {ts}, nonceHeader: {nonce}}},
		"two nonces":       {"POST", path, factBody, http.Header{sigHeader: {good}, tsHeader: {ts}, nonceHeader: {nonce, nonce}}},
		"two times":        {"POST", path, factBody, http.Header{sigHeader: {good}, tsHeader: {ts, ts}, nonceHeader: {nonce}}},
		"two apps":         {"POST", path, factBody, http.Header{sigHeader: {good}, tsHeader: {ts}, nonceHeader: {nonce}, keyHeader: {"a", "a"}}},
		"an empty app":     {"POST", path, factBody, http.Header{sigHeader: {good}, tsHeader: {ts}, nonceHeader: {nonce}, keyHeader: {""}}},
		"an empty nonce":   {"POST", path, factBody, http.Header{sigHeader: {factSum}, nonceHeader: {""}}},
		"an empty time":    {"POST", path, factBody, http.Header{sigHeader: {factSum}, tsHeader: {""}}},
		"nothing, unsaid":  {"POST", path, factBody, http.Header{tsHeader: {ts}, nonceHeader: {nonce}}},
		"DEV-SKIP, nonced": {"POST", path, factBody, header(devSkip, ts, nonce)},
	} {
		if once, _, ok := verified(signedCall(c.method, c.path, c.body, c.header), factSecret); ok {
			t.Errorf("%s passes, and %x is remembered", name, once)
		}
	}
	for ts, want := range map[string]bool{"1789999700": true, "1790000300": true} {
		if _, _, ok := verified(signedCall("POST", path, "", header(sig("POST", path, ts, nonce, ""), ts, nonce)), factSecret); ok != want {
			t.Errorf("%s: %v", ts, ok)
		}
	}
}

// require_nonce: what may be repeated is refused.
func TestNonceIsRequired(t *testing.T) {
	x := signedCall(http.MethodPost, "/x", factBody, http.Header{sigHeader: {factSum}})
	x.RequireNonce = true
	if _, _, ok := verified(x, factSecret); ok {
		t.Error("a call without a nonce passes")
	}
}

// DEV-SKIP passes from a network that is named, by an address that can be read.
func TestDevSkip(t *testing.T) {
	networks := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	for address, want := range map[string]bool{
		"192.0.2.1": true, "::ffff:192.0.2.1": true, "2001:db8::1": true, "2001:db8::1%eth0": true,
		"192.0.3.1": false, "2001:db9::1": false, "": false, "@": false, "192.0.2.1:80": false,
	} {
		x := signedCall(http.MethodPost, "/x", factBody, http.Header{sigHeader: {devSkip}})
		x.devSkip, x.Origin = networks, authcore.Origin{Address: address}
		if _, _, ok := verified(x, factSecret); ok != want {
			t.Errorf("from %q: %v", address, ok)
		}
		x.devSkip = nil
		if _, _, ok := verified(x, factSecret); ok {
			t.Errorf("from %q without a network", address)
		}
	}
}
