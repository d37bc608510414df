package authtest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are those of a JWS that a device signs or gets.
type Claims map[string]any

// With gives the claims with others beside or in place of them; one that is nil goes.
func (c Claims) With(others Claims) Claims {
	all := Claims{}
	for _, from := range []Claims{c, others} {
		for name, value := range from {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
	}
	return all
}

// JWS signs claims as a device does: with the bytes of a secret (HS256), a key of P-256
// (ES256) or of Ed25519 (EdDSA).
func JWS(t testing.TB, key any, typ string, claims Claims) string {
	t.Helper()
	var method jwt.SigningMethod = jwt.SigningMethodHS256
	switch key.(type) {
	case *ecdsa.PrivateKey:
		method = jwt.SigningMethodES256
	case ed25519.PrivateKey:
		method = jwt.SigningMethodEdDSA
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return SignedAs(t, method, key, `{"alg":"`+method.Alg()+`","typ":"`+typ+`"}`, string(text))
}

// SignedAs signs a header and claims as they stand.
func SignedAs(t testing.TB, method jwt.SigningMethod, key any, header, claims string) string {
	t.Helper()
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	signature, err := method.Sign(input, key)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// ReadJWS gives header and claims of a JWS that is signed with a secret.
func ReadJWS(t testing.TB, secret []byte, text string) (header string, claims Claims) {
	t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("no compact JWS: %q", text)
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := jwt.SigningMethodHS256.Verify(parts[0]+"."+parts[1], raw[2], secret); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw[1], &claims); err != nil {
		t.Fatal(err)
	}
	return string(raw[0]), claims
}
