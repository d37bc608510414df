package integration

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// attempt is what somebody sends to have a device approved whose token he knows.
type attempt struct {
	jwt, client, method, path, body string
}

// INT-08: only a call that an integrator signed with his own key, for this method, path and
// body, now and for the first time, is believed. The JWTs are made by another implementation
// than ours.
func TestCallsThatAreNotSigned(t *testing.T) { bothStores(t, callsThatAreNotSigned) }

func callsThatAreNotSigned(t *testing.T, store string) {
	b := openBank(t, store)
	thief := newSigner(t, "ES512")
	thiefID := b.integrator("thief", thief)
	a := newAppDevice()
	b.want(http.StatusAccepted, "pending_2fa_approval", http.MethodPost, b.at("device"), a.request(aliceDocument, ""))
	path, body := a.at(b, "validate"), tokenBody(b.mail.token(t, "alice@example.com"))
	letters := b.mail.count("alice@example.com")

	fresh := func(change map[string]any) string { return b.signer.signText(claimsWith(t, path, body, change)) }
	good := func() attempt { return attempt{fresh(nil), b.client, http.MethodPut, path, body} }
	with := func(change func(*attempt)) attempt { c := good(); change(&c); return c }
	header := func(text string) attempt {
		return with(func(c *attempt) {
			c.jwt = base64.RawURLEncoding.EncodeToString([]byte(text)) + c.jwt[strings.IndexByte(c.jwt, '.'):]
		})
	}
	state := func() any { return []any{b.clientsOf(aliceName), b.mail.count("alice@example.com")} }
	before := state()
	for what, c := range map[string]attempt{
		"no JWT":                     with(func(c *attempt) { c.jwt = "" }),
		"no client":                  with(func(c *attempt) { c.client = "" }),
		"another client":             with(func(c *attempt) { c.client = thiefID }),
		"a client that is not known": with(func(c *attempt) { c.client = newKey() }),
		"a client by its name":       with(func(c *attempt) { c.client = "bank" }),
		"another client's key":       with(func(c *attempt) { c.jwt = thief.sign(http.MethodPut, path, body) }),
		"the digest of another body": with(func(c *attempt) { c.jwt = b.signer.sign(http.MethodPut, path, tokenBody("wrong1")) }),
		"another body":               with(func(c *attempt) { c.body += " " }),
		"the digest of none":         with(func(c *attempt) { c.jwt = b.signer.sign(http.MethodPut, path, "") }),
		"no digest":                  with(func(c *attempt) { c.jwt = fresh(map[string]any{"payload_md5": nil}) }),
		"a timestamp of 301 s ago": with(func(c *attempt) {
			c.jwt = fresh(map[string]any{"timestamp": stamp(time.Now().Add(-301 * time.Second))})
		}),
		"a timestamp of an hour to come": with(func(c *attempt) { c.jwt = fresh(map[string]any{"timestamp": stamp(time.Now().Add(time.Hour))}) }),
		"no timestamp":                   with(func(c *attempt) { c.jwt = fresh(map[string]any{"timestamp": nil}) }),
		"another method is signed":       with(func(c *attempt) { c.jwt = b.signer.sign(http.MethodGet, path, body) }),
		"another path is signed":         with(func(c *attempt) { c.jwt = b.signer.sign(http.MethodPut, newAppDevice().at(b, "validate"), body) }),
		"the end of a path is signed":    with(func(c *attempt) { c.jwt = b.signer.sign(http.MethodPut, "/validate", body) }),
		"no path":                        with(func(c *attempt) { c.jwt = fresh(map[string]any{"uri": nil}) }),
		"claims of other kinds":          with(func(c *attempt) { c.jwt = fresh(map[string]any{"uri": []string{path}}) }),
		"claims that are no object":      with(func(c *attempt) { c.jwt = b.signer.signText(`["PUT"]`) }),
		"a second uri":                   with(func(c *attempt) { c.jwt = b.signer.signText(twice(t, claimsWith(t, path, body, nil), `"uri":"/x"`)) }),
		"a second method": with(func(c *attempt) {
			c.jwt = b.signer.signText(twice(t, claimsWith(t, path, body, nil), `"method":"GET"`))
		}),
		"a timestamp in capitals":         with(func(c *attempt) { c.jwt = fresh(map[string]any{"timestamp": nil, "Timestamp": stamp(time.Now())}) }),
			c.jwt = b.signer.signText(twice(t, claimsWith(t, path, body, nil), `"Timestamp":"x"`))
		}),
		"a signature of nobody":           with(func(c *attempt) { c.jwt = c.jwt[:strings.LastIndexByte(c.jwt, '.')+1] }),
		"a signature that is all zero":    with(func(c *attempt) { c.jwt = withSignature(c.jwt, make([]byte, 132)) }),
		"a signature in another encoding": with(func(c *attempt) { c.jwt += "==" }),
		"alg none":                        with(func(c *attempt) { c.jwt = withSignature(header(`{"typ":"JWT","alg":"none"}`).jwt, nil) }),
		"alg none in the header alone":    header(`{"typ":"JWT","alg":"none"}`),
		"alg ES256":                       with(func(c *attempt) { c.jwt = newSigner(t, "ES256").sign(http.MethodPut, path, body) }),
		"alg ES256 in the header alone":   header(`{"typ":"JWT","alg":"ES256"}`),
		"HS256 with the public key":       with(func(c *attempt) { c.jwt = secretSigner(t, "HS256", b.signer.public()).sign(http.MethodPut, path, body) }),
		"HS512 with the public key":       with(func(c *attempt) { c.jwt = secretSigner(t, "HS512", b.signer.public()).sign(http.MethodPut, path, body) }),
		"a key in the header": with(func(c *attempt) {
			c.jwt = thief.signed(`{"typ":"JWT","alg":"ES512","jwk":`+thief.jwk()+`}`, claimsWith(t, path, body, nil))
		}),
		"what must be understood": with(func(c *attempt) {
			c.jwt = b.signer.signed(`{"typ":"JWT","alg":"ES512","crit":["b64"],"b64":true}`, claimsWith(t, path, body, nil))
		}),
	} {
		status, text, answer := b.do(c.method, c.path, c.body, "API-CLIENT-KEY", c.client, "AUTHORIZATION", c.jwt, "Content-Type", "application/json")
		if status != http.StatusUnauthorized || !strings.Contains(text, `"code":"unauthorized"`) {
			t.Errorf("%s: %d %s, want 401", what, status, text)
		}
		if cookie := answer.Get("Set-Cookie"); cookie != "" {
			t.Errorf("%s sets a cookie: %s", what, cookie)
		}
		if after := state(); !reflect.DeepEqual(before, after) {
			t.Errorf("%s changes something:\n%+v\n%+v", what, before, after)
			before = after
		}
	}
	if b.mail.count("alice@example.com") != letters {
		t.Error("somebody got a letter of it")
	}
	b.wantOnce(a, path, body)
}

// wantOnce shows a call that is good, then the same again and with its signature turned
// over, and a turned over one before its original.
func (b *bank) wantOnce(a appDevice, path, body string) {
	b.t.Helper()
	jwt := b.signer.sign(http.MethodPut, path, body)
	if status, text := b.send(jwt, http.MethodPut, path, body); status != http.StatusCreated {
		b.t.Fatalf("a call that is signed gives %d %s", status, text)
	}
	for what, copied := range map[string]string{"again": jwt, "turned over": turnedOver(b.t, jwt)} {
		if status, text := b.send(copied, http.MethodPut, path, body); status != http.StatusUnauthorized {
			b.t.Errorf("the same call %s gives %d %s, want 401", what, status, text)
		}
	}
	jwt = b.signer.sign(http.MethodGet, a.at(b, ""), "")
	if status, text := b.send(turnedOver(b.t, jwt), http.MethodGet, a.at(b, ""), ""); status != http.StatusOK {
		b.t.Errorf("a signature that is turned over is one: %d %s", status, text)
	}
	if status, text := b.send(jwt, http.MethodGet, a.at(b, ""), ""); status != http.StatusUnauthorized {
		b.t.Errorf("and its original is the same: %d %s, want 401", status, text)
	}
}

// claimsWith are those of a good call, with some changed, or left out where they are nil.
func claimsWith(t *testing.T, path, body string, change map[string]any) string {
	t.Helper()
	c := claims(http.MethodPut, path, body)
	for name, value := range change {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	text, err := json.Marshal(c)
	mustDo(t, err)
	return string(text)
}

// twice puts one more member before those of an object.
func twice(t *testing.T, object, member string) string {
	t.Helper()
	rest, ok := strings.CutPrefix(object, "{")
	if !ok {
		t.Fatalf("%s is no object", object)
	}
	return "{" + member + "," + rest
}

// withSignature has another signature.
func withSignature(jwt string, signature []byte) string {
	return jwt[:strings.LastIndexByte(jwt, '.')+1] + base64.RawURLEncoding.EncodeToString(signature)
}

// A digest that was taken over the body before it is read is the vendor's, over bytes: a
// call with white space and a trailing comma is signed as it is sent. What the vendor's
// sample hashes where there is no body is taken too.
func TestDigestsOfTheVendor(t *testing.T) {
	b := openBank(t, `store sqlite "{$KIT_DIR}/doorward.db"`)
	for _, digest := range []any{"99914b932bd37a50b983c5e7c90ae93b", "d41d8cd98f00b204e9800998ecf8427e", nil} {
		c := claims(http.MethodGet, b.at("device"), "")
		if c["payload_md5"] = digest; digest == nil {
			delete(c, "payload_md5")
		}
		text, err := json.Marshal(c)
		mustDo(t, err)
		if status, answer := b.send(b.signer.signText(string(text)), http.MethodGet, b.at("device"), ""); status != http.StatusOK {
			t.Errorf("%v: %d %s", digest, status, answer)
		}
	}
	sum := sha256.Sum256([]byte("{}"))
	c := claims(http.MethodGet, b.at("device"), "")
	c["payload_md5"] = base64.StdEncoding.EncodeToString(sum[:16])
	text, err := json.Marshal(c)
	mustDo(t, err)
	if status, answer := b.send(b.signer.signText(string(text)), http.MethodGet, b.at("device"), ""); status != http.StatusUnauthorized {
		t.Errorf("another digest: %d %s", status, answer)
	}
}
