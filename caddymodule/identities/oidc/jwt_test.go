package oidc

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/doorward/doorward/authcore"
)

func TestJWT(t *testing.T) {
	p := newOpenID(t)
	o, c := newSource(t, p, func(o *OIDC) { o.ClientSecret, o.RedirectURL = "", "" }) // needs neither
	unix := func(d time.Duration) int64 { return c.now().Add(d).Unix() }
	good := p.signed(p.claims(c.now(), nil))
	for _, changes := range []map[string]any{
		nil,
		{"aud": []string{clientID}},
		{"aud": []string{"api", clientID}, "azp": clientID},
		{"azp": "our app on a phone"}, // one audience: whom it is meant for is clear
		{"iat": unix(-10*time.Minute + time.Second)},
		{"iat": unix(59 * time.Second)},
		{"nbf": unix(-time.Second)},
		{"exp": unix(time.Second)},
	} {
		proves(t, o, token(p.signed(p.claims(c.now(), changes))))
	}
	for _, typ := range []jose.ContentType{"", "at+jwt", "application/AT+JWT"} {
		proves(t, o, token(sign(t, jose.ES256, p.keys[0], typ, p.claims(c.now(), nil))))
	}
	for _, r := range []struct {
		name    string
		changes map[string]any
	}{
		{"audience: another client", map[string]any{"aud": "another"}},
		{"audience: other clients", map[string]any{"aud": []string{"another", "third"}, "azp": clientID}},
		{"audience: none", map[string]any{"aud": nil}},
		{"audience: several, azp missing", map[string]any{"aud": []string{clientID, "another"}}},
		{"audience: several, azp another", map[string]any{"aud": []string{clientID, "another"}, "azp": "another"}},
		{"audience: like ours", map[string]any{"aud": strings.ToUpper(clientID)}},
		{"issuer: another", map[string]any{"iss": "https://accounts.example.com"}},
		{"issuer: like ours", map[string]any{"iss": p.URL + "/"}},
		{"issuer: none", map[string]any{"iss": nil}},
		{"expired", map[string]any{"exp": unix(-time.Second)}},
		{"exp: none", map[string]any{"exp": nil}},
		{"exp: text", map[string]any{"exp": "tomorrow"}},
		{"nbf: later", map[string]any{"nbf": unix(10 * time.Minute)}},
		{"iat: old", map[string]any{"iat": unix(-10*time.Minute - time.Second)}},
		{"iat: none", map[string]any{"iat": nil}},
		{"iat: later", map[string]any{"iat": unix(62 * time.Second)}},
		{"bound to a key", map[string]any{"cnf": map[string]string{"jkt": "x"}}},
		{"a logout token", map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}},
	} {
		t.Run(r.name, func(t *testing.T) {
			fails(t, o, token(p.signed(p.claims(c.now(), r.changes))), unauthenticated)
		})
	}
	t.Run("type", func(t *testing.T) {
		for _, typ := range []jose.ContentType{"logout+jwt", "secevent+jwt", "dpop+jwt", "token-introspection+jwt"} {
			fails(t, o, token(sign(t, jose.ES256, p.keys[0], typ, p.claims(c.now(), nil))), unauthenticated)
		}
	})
	t.Run("critical header", func(t *testing.T) {
		options := (&jose.SignerOptions{}).WithHeader("crit", []string{"x"}).WithHeader("x", 1)
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p.keys[0]}, options)
		must(t, err)
		payload, err := json.Marshal(p.claims(c.now(), nil))
		must(t, err)
		signed, err := signer.Sign(payload)
		must(t, err)
		text, err := signed.CompactSerialize()
		must(t, err)
		fails(t, o, token(text), unauthenticated)
	})
	t.Run("shape", func(t *testing.T) {
		for _, proof := range []authcore.Proof{
			{},
			{Token: good, Code: "c0de"},
			token(good + "x"), token(good[:len(good)-4] + "AAAA"), token("x" + good), token(good + "."), token("." + good),
			token("a.b.c"), token(".."), token("opaque"),
			{Code: "c0de"},
			token(good + strings.Repeat("A", maxProof)),
		} {
			fails(t, o, proof, unauthenticated)
		}
	})
	if p.times("/introspect")+p.times("/token")+p.times("/userinfo") != 0 {
		t.Error("the provider was asked about a token that everybody can read")
	}
}

// RFC 8725 section 3.1: what may sign is our choice, and not the token's or the
// provider's. Its metadata name none and HS256, and one of its keys is shared.
func TestAlgorithms(t *testing.T) {
	for _, algorithm := range algorithms {
		if algorithm == "ES384" || algorithm == "ES512" {
			continue // other curves of the same
		}
		t.Run(algorithm, func(t *testing.T) {
			p := newOpenID(t)
			p.rotate("k", jose.SignatureAlgorithm(algorithm))
			o, c := newSource(t, p, nil)
			proves(t, o, token(p.signed(p.claims(c.now(), nil))))
		})
	}
	p := newOpenID(t)
	o, c := newSource(t, p, nil)
	shared := make([]byte, 64)
	_, err := rand.Read(shared)
	must(t, err)
	p.keys = append(p.keys, jose.JSONWebKey{Key: shared, KeyID: "shared"})
	for _, algorithm := range []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512} {
		fails(t, o, token(sign(t, algorithm, p.keys[1], "JWT", p.claims(c.now(), nil))), unauthenticated)
		fails(t, o, token(sign(t, algorithm, []byte(strings.Repeat(clientSecret, 8)), "JWT", p.claims(c.now(), nil))), unauthenticated)
	}
	_, rest, _ := strings.Cut(p.signed(p.claims(c.now(), nil)), ".")
	payload, signature, _ := strings.Cut(rest, ".")
	for _, alg := range []string{"none", "None", "NONE", ""} {
		head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + alg + `"}`))
		for _, s := range []string{"", signature} {
			fails(t, o, token(head+"."+payload+"."+s), unauthenticated)
		}
	}
	t.Run("a key for another algorithm, or for encryption", func(t *testing.T) {
		key := jose.JSONWebKey{Key: newKey(t, jose.RS256), KeyID: "r", Algorithm: "RS256"}
		p.keys = []jose.JSONWebKey{key}
		c.turn(time.Minute)
		proves(t, o, token(sign(t, jose.RS256, key, "JWT", p.claims(c.now(), nil))))
		fails(t, o, token(sign(t, jose.PS256, key, "JWT", p.claims(c.now(), nil))), unauthenticated)
		p.keys[0].Use = "enc"
		c.turn(2 * time.Hour)
		fails(t, o, token(sign(t, jose.RS256, key, "JWT", p.claims(c.now(), nil))), unauthenticated)
	})
}

// A new key is found, a key that was taken back ends within the hour, and what
// nobody signed makes us ask once in a while only.
func TestKeysChange(t *testing.T) {
	p := newOpenID(t)
	o, c := newSource(t, p, nil)
	old := p.keys[0]
	proves(t, o, token(p.signed(p.claims(c.now(), nil))))
	if p.times("/keys") != 1 {
		t.Errorf("the keys were asked for %d times", p.times("/keys"))
	}
	p.rotate("k2", jose.EdDSA)
	c.turn(spacing)
	proves(t, o, token(p.signed(p.claims(c.now(), nil))))
	proves(t, o, token(p.signed(p.claims(c.now(), nil))))
	forged := sign(t, jose.ES256, jose.JSONWebKey{Key: newKey(t, jose.ES256), KeyID: "k2"}, "JWT", p.claims(c.now(), nil))
	for range 20 {
		fails(t, o, token(forged), unauthenticated)
	}
	if p.times("/keys") != 2 {
		t.Errorf("the keys were asked for %d times, want 2", p.times("/keys"))
	}
	p.keys = append(p.keys, old)
	c.turn(spacing)
	last := func() authcore.Proof { return token(sign(t, jose.ES256, old, "JWT", p.claims(c.now(), nil))) }
	proves(t, o, last())
	p.keys = p.keys[:1]
	c.turn(remembered + time.Second)
	fails(t, o, last(), unauthenticated)
	proves(t, o, token(p.signed(p.claims(c.now(), nil))))
	if p.times("/.well-known/openid-configuration") != 2 {
		t.Errorf("the metadata were asked for %d times, want 2", p.times("/.well-known/openid-configuration"))
	}
}
