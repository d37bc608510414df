package authcore_test

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/doorward/doorward/authcore"
)

// forge signs whatever header and payload it is given with the house's own
// key: what it makes is well signed, and only the other checks can refuse it.
type forge struct {
	key    authcore.SigningKey
	signer crypto.Signer
	header map[string]any
	claims map[string]any
	good   string
}

// newForge takes the private key out of the store, which only a test and an
// operator with the seal key can do, and a good token as its model.
func newForge(t testing.TB, h *house, good string) *forge {
	t.Helper()
	f := &forge{good: good}
	var keys []authcore.SigningKey
	h.read(t, func(tx authcore.Tx) (err error) { keys, err = tx.SigningKeys(); return err })
	f.key = keys[len(keys)-1]
	der, err := h.ring.Open("signing_keys", "private", f.key.ID, f.key.Sealed)
	must(t, err)
	private, err := x509.ParsePKCS8PrivateKey(der)
	must(t, err)
	f.signer = private.(crypto.Signer)
	parts := strings.Split(good, ".")
	for i, into := range []*map[string]any{&f.header, &f.claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		must(t, err)
		must(t, json.Unmarshal(text, into))
	}
	return f
}

// raw signs a header and a payload as they are, by the key's own algorithm.
func (f *forge) raw(t testing.TB, header, payload string) string {
	t.Helper()
	return f.sealed(t, base64.RawURLEncoding.EncodeToString([]byte(header))+"."+base64.RawURLEncoding.EncodeToString([]byte(payload)))
}

// sealed signs the first two segments of a token.
func (f *forge) sealed(t testing.TB, input string) string {
	t.Helper()
	signature, err := jwt.GetSigningMethod(f.key.Algorithm).Sign(input, f.signer)
	must(t, err)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// unchanged stands for a member that is left out, and not null.
type absent struct{}

func with(members map[string]any, name string, value any) string {
	changed := map[string]any{}
	for k, v := range members {
		changed[k] = v
	}
	if _, out := value.(absent); out {
		delete(changed, name)
	} else {
		changed[name] = value
	}
	text, err := json.Marshal(changed)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// withHeader and withClaim change one member; absent{} leaves it out.
func (f *forge) withHeader(t testing.TB, name string, value any) string {
	return f.raw(t, with(f.header, name, value), with(f.claims, "", absent{}))
}

func (f *forge) withClaim(t testing.TB, name string, value any) string {
	return f.raw(t, with(f.header, "", absent{}), with(f.claims, name, value))
}

// withPayload appends text to the members of the payload: `,"sub":"x"}`.
func (f *forge) withPayload(t testing.TB, end string) string {
	return f.raw(t, with(f.header, "", absent{}), strings.TrimSuffix(with(f.claims, "", absent{}), "}")+end)
}

func forged(t testing.TB) (*house, *forge) {
	t.Helper()
	h := newCore(t, nil)
	f := newForge(t, h, h.login(t, h.member(t, "alice")).Token)
	// What the forge makes must pass, or its refusals would show nothing.
	h.passes(t, f.withClaim(t, "unknown", map[string]any{"of": "another kind"}))
	return h, f
}
