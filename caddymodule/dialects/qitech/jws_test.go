package qitech

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

const theHeader = `{"typ":"JWT","alg":"ES512"}`

func newKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// sign signs two parts as they stand.
func sign(t testing.TB, key *ecdsa.PrivateKey, header, claims string) string {
	t.Helper()
	return signAs(t, key, header, claims, (key.Curve.Params().BitSize+7)/8)
}

// signAs writes each of the two numbers with so many bytes.
func signAs(t testing.TB, key *ecdsa.PrivateKey, header, claims string, size int) string {
	t.Helper()
	text := encoded(header) + "." + encoded(claims)
	sum := sha512.Sum512([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...))
}

// turned gives the other signature of the same that everybody can make (r, n-s).
func turned(t testing.TB, text string) string {
	t.Helper()
	dot := strings.LastIndexByte(text, '.')
	raw, err := base64.RawURLEncoding.DecodeString(text[dot+1:])
	if err != nil {
		t.Fatal(err)
	}
	s := new(big.Int).SetBytes(raw[coordinate:])
	new(big.Int).Sub(elliptic.P521().Params().N, s).FillBytes(raw[coordinate:])
	return text[:dot+1] + base64.RawURLEncoding.EncodeToString(raw)
}

var now = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

func digest(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // the vendor's claim
	return hex.EncodeToString(sum[:])
}

// claims are those of a call of the device's path with a body, at a time.
func claims(body, at string) string {
	return fmt.Sprintf(`{"payload_md5":%q,"timestamp":%q,"method":"POST","uri":"/account/9d5ea4ee-7a2c-4f07-8b66-0a4cbe1df0d5/device"}`, digest(body), at)
}

func admitted(x *exchange, key crypto.PublicKey, token string) bool {
	once, until, ok := x.verifier(token)(key, now)
	return ok && len(once) == 32 && until.After(now)
}

// The vendor's own way to sign, and what of it may differ.
func TestSigned(t *testing.T) {
	key := newKey(t, elliptic.P521())
	const path, stampNow = "/account/9d5ea4ee-7a2c-4f07-8b66-0a4cbe1df0d5/device", "2026-11-22T15:00:00.000001Z"
	const bodied = `{"name": "QI Tech"}`
	if digest(bodied) != "3a462c4474608df0aa4376a836376768" { // of the vendor's page
		t.Fatal(digest(bodied))
	}
	whole := func(digest, at, method, uri string) string {
		return fmt.Sprintf(`{"payload_md5":%q,"timestamp":%q,"method":%q,"uri":%q}`, digest, at, method, uri)
	}
	good := whole(digest(bodied), stampNow, "POST", path)
	for name, c := range map[string]struct {
		header, claims, body string
		prefix, url          string
		want                 bool
	}{
		"as documented":                {theHeader, good, bodied, "", "", true},
		"the header the other way":     {`{"alg":"ES512", "typ":"JWT"}`, good, bodied, "", "", true},
		"more claims":                  {theHeader, strings.Replace(good, "{", `{"iat":1,"x":{"method":"GET"},`, 1), bodied, "", "", true},
		"in seconds":                   {theHeader, whole(digest(bodied), "2026-11-22T15:00:00Z", "POST", path), bodied, "", "", true},
		"299 seconds ago":              {theHeader, whole(digest(bodied), "2026-11-22T14:55:01Z", "POST", path), bodied, "", "", true},
		"300 seconds ago":              {theHeader, whole(digest(bodied), "2026-11-22T14:55:00Z", "POST", path), bodied, "", "", true},
		"300 seconds ahead":            {theHeader, whole(digest(bodied), "2026-11-22T15:05:00Z", "POST", path), bodied, "", "", true},
		"an empty body, of nothing":    {theHeader, whole("d41d8cd98f00b204e9800998ecf8427e", stampNow, "POST", path), "", "", "", true},
		"an empty body, of braces":     {theHeader, whole("99914b932bd37a50b983c5e7c90ae93b", stampNow, "POST", path), "", "", "", true},
		"an empty body, no claim":      {theHeader, fmt.Sprintf(`{"timestamp":%q,"method":"POST","uri":%q}`, stampNow, path), "", "", "", true},
		"braces":                       {theHeader, whole("99914b932bd37a50b983c5e7c90ae93b", stampNow, "POST", path), "{}", "", "", true},
		"without the prefix":           {theHeader, good, bodied, "/baas", "/baas" + path, true},
		"with the prefix":              {theHeader, whole(digest(bodied), stampNow, "POST", "/baas"+path), bodied, "/baas", "/baas" + path, true},
		"with the query":               {theHeader, whole(digest(bodied), stampNow, "POST", path+"?a=b"), bodied, "", path + "?a=b", true},
		"without the query":            {theHeader, good, bodied, "", path + "?a=b", true},
		"another body":                 {theHeader, good, `{"name":"QI Tech"}`, "", "", false},
		"a body, of braces":            {theHeader, whole("99914b932bd37a50b983c5e7c90ae93b", stampNow, "POST", path), bodied, "", "", false},
		"a body, of nothing":           {theHeader, whole("d41d8cd98f00b204e9800998ecf8427e", stampNow, "POST", path), bodied, "", "", false},
		"a body, no claim":             {theHeader, fmt.Sprintf(`{"timestamp":%q,"method":"POST","uri":%q}`, stampNow, path), bodied, "", "", false},
		"an empty body, of another":    {theHeader, good, "", "", "", false},
		"an empty body, of null":       {theHeader, strings.Replace(good, `"`+digest(bodied)+`"`, "null", 1), "", "", "", false},
		"another method":               {theHeader, whole(digest(bodied), stampNow, "PUT", path), bodied, "", "", false},
		"the method in small letters":  {theHeader, whole(digest(bodied), stampNow, "post", path), bodied, "", "", false},
		"another path":                 {theHeader, whole(digest(bodied), stampNow, "POST", path+"/x"), bodied, "", "", false},
		"no path":                      {theHeader, whole(digest(bodied), stampNow, "POST", ""), bodied, "", "", false},
		"the path of another prefix":   {theHeader, whole(digest(bodied), stampNow, "POST", "/other"+path), bodied, "/baas", "/baas" + path, false},
		"the prefix alone":             {theHeader, whole(digest(bodied), stampNow, "POST", ""), bodied, "/baas", "/baas", false},
		"another query":                {theHeader, whole(digest(bodied), stampNow, "POST", path+"?a=c"), bodied, "", path + "?a=b", false},
		"301 seconds ago":              {theHeader, whole(digest(bodied), "2026-11-22T14:54:59Z", "POST", path), bodied, "", "", false},
		"300 seconds and a bit ago":    {theHeader, whole(digest(bodied), "2026-11-22T14:54:59.999999Z", "POST", path), bodied, "", "", false},
		"301 seconds ahead":            {theHeader, whole(digest(bodied), "2026-11-22T15:05:01Z", "POST", path), bodied, "", "", false},
		"with an offset":               {theHeader, whole(digest(bodied), "2026-11-22T12:00:00-03:00", "POST", path), bodied, "", "", false},
		"without Z":                    {theHeader, whole(digest(bodied), "2026-11-22T15:00:00", "POST", path), bodied, "", "", false},
		"no time":                      {theHeader, whole(digest(bodied), "", "POST", path), bodied, "", "", false},
		"a time that is a number":      {theHeader, strings.Replace(good, `"`+stampNow+`"`, "1795359600", 1), bodied, "", "", false},
		"a day that never was":         {theHeader, whole(digest(bodied), "2026-11-31T15:00:00Z", "POST", path), bodied, "", "", false},
		"two times":                    {theHeader, strings.Replace(good, "{", `{"timestamp":"2026-11-22T15:00:00Z",`, 1), bodied, "", "", false},
		"two paths, one with escapes":  {theHeader, strings.Replace(good, "{", `{"\u0075ri":"/",`, 1), bodied, "", "", false},
		"no algorithm":                 {`{"typ":"JWT","alg":"none"}`, good, bodied, "", "", false},
		"another algorithm":            {`{"typ":"JWT","alg":"ES256"}`, good, bodied, "", "", false},
		"a symmetric algorithm":        {`{"typ":"JWT","alg":"HS512"}`, good, bodied, "", "", false},
		"the algorithm in small":       {`{"typ":"JWT","alg":"es512"}`, good, bodied, "", "", false},
		"two algorithms":               {`{"typ":"JWT","alg":"none","alg":"ES512"}`, good, bodied, "", "", false},
		"another type":                 {`{"typ":"at+jwt","alg":"ES512"}`, good, bodied, "", "", false},
		"the type in small":            {`{"typ":"jwt","alg":"ES512"}`, good, bodied, "", "", false},
		"no type":                      {`{"alg":"ES512"}`, good, bodied, "", "", false},
		"something that is critical":   {`{"typ":"JWT","alg":"ES512","crit":["exp"]}`, good, bodied, "", "", false},
		"a key of its own":             {`{"typ":"JWT","alg":"ES512","jwk":{}}`, good, bodied, "", "", false},
		"a comma too many":             {`{"typ":"JWT","alg":"ES512",}`, good, bodied, "", "", false},
		"claims with a comma too many": {theHeader, strings.Replace(good, "}", ",}", 1), bodied, "", "", false},
		"claims with a comment":        {theHeader, good + "//", bodied, "", "", false},
		"two claims":                   {theHeader, good + good, bodied, "", "", false},
		"claims in a list":             {theHeader, "[" + good + "]", bodied, "", "", false},
		"claims not in UTF-8":          {theHeader, strings.Replace(good, "{", "{\"x\":\"\xff\",", 1), bodied, "", "", false},
	} {
		x := &exchange{Call: callWith(c.body), QITech: &QITech{Prefix: c.prefix}}
		if c.url != "" {
			var err error
			if x.URL, err = x.URL.Parse(c.url); err != nil {
				t.Fatal(err)
			}
		}
		if got := admitted(x, &key.PublicKey, sign(t, key, c.header, c.claims)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A signature is that of the one key, over these bytes, written in one way.
func TestSignature(t *testing.T) {
	key, body := newKey(t, elliptic.P521()), `{"token":"a"}`
	x := &exchange{Call: callWith(body), QITech: new(QITech)}
	good := sign(t, key, theHeader, claims(body, "2026-11-22T15:00:00Z"))
	if !admitted(x, &key.PublicKey, good) {
		t.Fatal("a good one is refused")
	}
	parts := strings.Split(good, ".")
	zeros := encoded(strings.Repeat("\x00", 2*coordinate))
	for name, text := range map[string]string{
		"nothing":             "",
		"two parts":           parts[0] + "." + parts[1],
		"four parts":          good + ".",
		"no signature":        parts[0] + "." + parts[1] + ".",
		"zeros":               parts[0] + "." + parts[1] + "." + zeros,
		"one byte too few":    good[:len(good)-2],
		"one byte too many":   good + "AA",
		"padding":             good + "=",
		"a line end":          parts[0] + "\n." + parts[1] + "." + parts[2],
		"a line end in it":    good[:len(good)-9] + "\n" + good[len(good)-9:],
		"another in it":       good[:len(good)-9] + "\r" + good[len(good)-9:],
		"a space":             good + " ",
		"the other alphabet":  parts[0] + "." + parts[1] + "." + strings.NewReplacer("-", "+", "_", "/").Replace(parts[2]) + "+",
		"other claims":        parts[0] + "." + encoded(claims(body, "2026-11-22T15:00:01Z")) + "." + parts[2],
		"another key's":       sign(t, newKey(t, elliptic.P521()), theHeader, claims(body, "2026-11-22T15:00:00Z")),
		"of a shorter curve":  sign(t, newKey(t, elliptic.P256()), theHeader, claims(body, "2026-11-22T15:00:00Z")),
		"longer than it may":  sign(t, key, theHeader, strings.Replace(claims(body, "2026-11-22T15:00:00Z"), "{", `{"x":"`+strings.Repeat("x", 4096)+`",`, 1)),
		"bits nothing counts": parts[0] + "." + parts[1] + "." + lastBits(parts[2]),
	} {
		if admitted(x, &key.PublicKey, text) {
			t.Errorf("%s is taken", name)
		}
	}
	for name, other := range map[string]crypto.PublicKey{"none": nil, "P-256": &newKey(t, elliptic.P256()).PublicKey, "bytes": []byte("x")} {
		if admitted(x, other, good) {
			t.Errorf("a key that is %s is taken", name)
		}
		if err := new(QITech).CheckPublicKey(other); authcore.CodeOf(err) != authcore.CodeInvalid || !strings.Contains(err.Error(), "P-521") {
			t.Errorf("a key that is %s: %v", name, err)
		}
	}
	short := newKey(t, elliptic.P256()) // a good signature of it, with the zeros that a longer one has not
	if text := signAs(t, short, theHeader, claims(body, "2026-11-22T15:00:00Z"), coordinate); admitted(x, &short.PublicKey, text) {
		t.Error("P-256 is taken, written as P-521 is")
	}
	if err := new(QITech).CheckPublicKey(&key.PublicKey); err != nil {
		t.Error(err)
	}
}

// lastBits sets one of the bits that the last sign has too many; 132 bytes have none, so
// that the signature ends one byte earlier.
func lastBits(signature string) string { return signature[:len(signature)-1] }

// A signature that is turned over is the same one: who has heard a call can make it, and
// send the call again.
func TestTurnedOver(t *testing.T) {
	key, body := newKey(t, elliptic.P521()), `{"token":"a"}`
	x := &exchange{Call: callWith(body), QITech: new(QITech)}
	first := sign(t, key, theHeader, claims(body, "2026-11-22T14:58:00Z"))
	again := sign(t, key, theHeader, claims(body, "2026-11-22T14:58:00Z"))
	once, until, ok := x.verifier(first)(&key.PublicKey, now)
	same, _, okTurned := x.verifier(turned(t, first))(&key.PublicKey, now)
	other, _, okAgain := x.verifier(again)(&key.PublicKey, now)
	if !ok || !okTurned || !okAgain || !bytes.Equal(once, same) || bytes.Equal(once, other) {
		t.Errorf("%v %x, turned %v %x, another %v %x", ok, once, okTurned, same, okAgain, other)
	}
	if want := now.Add(-2*time.Minute + tolerance); until.Before(want) || until.After(want.Add(time.Hour)) {
		t.Errorf("it is remembered until %s", until)
	}
}

func FuzzReadJWS(f *testing.F) {
	key := newKey(f, elliptic.P521())
	f.Add(sign(f, key, theHeader, claims("", "2026-11-22T15:00:00Z")))
	for _, text := range []string{"", "..", "a.b.c", encoded(theHeader) + "." + encoded(`{"a":1,"a":2}`) + "." + encoded("x"), encoded(`{"alg":"none"}`) + "." + encoded("{}") + "."} {
		f.Add(text)
	}
	x := &exchange{Call: callWith(""), QITech: new(QITech)}
	f.Fuzz(func(t *testing.T, text string) {
		j, ok := readJWS(text)
		if !ok {
			return
		}
		parts := strings.Split(text, ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil || len(parts) != 3 || text != j.signed+"."+base64.RawURLEncoding.EncodeToString(j.signature) || parts[1] != base64.RawURLEncoding.EncodeToString(payload) {
			t.Fatalf("%q has two spellings: %v", text, err)
		}
		if admitted(x, &newKey(t, elliptic.P521()).PublicKey, text) {
			t.Fatalf("%q is signed by whoever it was not", text)
		}
	})
}

// A JWS that is read has r and s whole, whoever verifies it.
func TestSignatureSize(t *testing.T) {
	for size, want := range map[int]bool{0: false, 64: false, 131: false, 132: true, 133: false} {
		j, ok := readJWS(encoded(theHeader) + "." + encoded("{}") + "." + encoded(strings.Repeat("x", size)))
		if ok != want || ok && len(j.signature) != 2*coordinate {
			t.Errorf("%d bytes: %v", size, ok)
		}
	}
}

// A claim names the path whole: what could stand before it is our prefix and nothing else.
func TestPathFits(t *testing.T) {
	for claim, want := range map[string]bool{
		"/baas/account/a/device": true, "/account/a/device": true, "/baas/account/a/device?x=y": true, "/account/a/device?x=y": true,
		"": false, "/": false, "/device": false, "/a/device": false, "account/a/device": false, "/baas/account/a": false, "/account/a/device/": false,
		"/baas/baas/account/a/device": false, "/account/a/device?": false, "/account/a/device?x=z": false, "?x=y": false, "/ACCOUNT/a/device": false,
		"http://baas.example.com/account/a/device": false, "/account/%61/device": false,
	} {
		if got := pathFits(claim, &url.URL{Path: "/baas/account/a/device", RawQuery: "x=y"}, "/baas"); got != want {
			t.Errorf("%q: %v", claim, got)
		}
	}
}
