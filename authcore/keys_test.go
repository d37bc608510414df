package authcore_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"

	"github.com/doorward/doorward/authcore"
)

// jwks reads the published keys as another party does.
func (h *house) jwks(t *testing.T) (set jose.JSONWebKeySet, text []byte) {
	t.Helper()
	text, err := h.Keys.JWKS()
	must(t, err)
	must(t, json.Unmarshal(text, &set))
	return set, text
}

func kidOf(t *testing.T, h *house, token string) string {
	t.Helper()
	return newForge(t, h, token).header["kid"].(string)
}

// TOK-11: a new key is published before it signs, the old one is accepted until
// its last token ended, and nothing is refused on the way.
func TestRotation(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	node := h.again(t, nil)
	first := h.login(t, m)
	old := kidOf(t, h, first.Token)
	made, err := h.Keys.Rotate(t.Context(), authcore.Operator())
	must(t, err)

	t.Run("published at once, here and there", func(t *testing.T) {
		node.refresh(t)
		for _, h := range []*house{h, node} {
			set, _ := h.jwks(t)
			if len(set.Key(made.ID)) != 1 || len(set.Key(old)) != 1 {
				t.Errorf("the JWKS lacks a key: %v", set)
			}
		}
	})
	t.Run("signs after a minute", func(t *testing.T) {
		h.clock.Turn(time.Minute - time.Second)
		h.refresh(t)
		if kid := kidOf(t, h, h.login(t, m).Token); kid != old {
			t.Errorf("%s signs before its time", kid)
		}
		h.clock.Turn(time.Second)
		h.refresh(t)
		l := h.login(t, m)
		if kid := kidOf(t, h, l.Token); kid != made.ID {
			t.Errorf("%s signs, want the new key %s", kid, made.ID)
		}
		node.refresh(t)
		node.passes(t, l.Token)
		node.passes(t, first.Token)
		h.passes(t, first.Token)
	})
	t.Run("the old one is published until its last token ended", func(t *testing.T) {
		h.clock.Turn(authcore.MaxTokenLifetime + 30*time.Second - time.Second)
		h.refresh(t)
		if set, _ := h.jwks(t); len(set.Key(old)) != 1 {
			t.Error("the old key left the JWKS too early")
		}
		h.clock.Turn(time.Second)
		h.refresh(t)
		if set, _ := h.jwks(t); len(set.Key(old)) != 0 || len(set.Key(made.ID)) != 1 {
			t.Errorf("the JWKS holds %v, want only %s", set, made.ID)
		}
	})
	t.Run("and then it verifies nothing", func(t *testing.T) {
		f := newForge(t, h, h.login(t, m).Token) // of a session that stands
		h.passes(t, f.withClaim(t, "note", ""))
		f.header["kid"] = old
		h.read(t, func(tx authcore.Tx) error {
			keys, err := tx.SigningKeys()
			f.key = keys[0]
			der, openErr := h.ring.Open("signing_keys", "private", old, keys[0].Sealed)
			must(t, openErr)
			private, parseErr := x509.ParsePKCS8PrivateKey(der)
			must(t, parseErr)
			f.signer = private.(crypto.Signer)
			return err
		})
		h.refuses(t, f.withClaim(t, "note", ""))
	})
	t.Run("the next rotation removes it", func(t *testing.T) {
		h.clock.Turn(time.Second)
		_, err := h.Keys.Rotate(t.Context(), authcore.Operator())
		must(t, err)
		h.read(t, func(tx authcore.Tx) error {
			keys, err := tx.SigningKeys()
			if len(keys) != 2 || keys[0].ID != made.ID {
				t.Errorf("%d keys are kept, want the two that still count", len(keys))
			}
			return err
		})
	})
}

// A node that saw a new key at any time before it signs accepts its first token
// without asking again: no request is refused while keys are rotated.
func TestKeyIsKnownBeforeItSigns(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	node := h.again(t, nil)
	made, err := h.Keys.Rotate(t.Context(), authcore.Operator())
	must(t, err)
	h.clock.Turn(40 * time.Second)
	node.refresh(t) // long late, and the last time
	h.clock.Turn(20 * time.Second)
	h.refresh(t)
	l := h.login(t, m)
	if kid := kidOf(t, h, l.Token); kid != made.ID {
		t.Fatalf("%s signs, want the new key %s", kid, made.ID)
	}
	node.passes(t, l.Token)
}

// TOK-07, TOK-11: a library that is not ours verifies our tokens by our JWKS,
// which holds nothing private.
func TestThirdPartyVerifies(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		members   []string
	}{
		{authcore.ES256, []string{"alg", "crv", "kid", "kty", "use", "x", "y"}},
		{authcore.EdDSA, []string{"alg", "crv", "kid", "kty", "use", "x"}},
		{authcore.RS256, []string{"alg", "e", "kid", "kty", "n", "use"}},
	} {
		t.Run(c.algorithm, func(t *testing.T) {
			h := newCore(t, func(o *authcore.Options) { o.Algorithm = c.algorithm })
			m := h.member(t, "alice")
			l := h.login(t, m)
			h.passes(t, l.Token)
			set, text := h.jwks(t)
			token, err := josejwt.ParseSigned(l.Token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(c.algorithm)})
			must(t, err)
			keys := set.Key(token.Headers[0].KeyID)
			if len(keys) != 1 || !keys[0].Valid() || !keys[0].IsPublic() {
				t.Fatalf("the JWKS gives %v for the token", keys)
			}
			// RFC 7638: the name of a key is its thumbprint.
			if thumb, err := keys[0].Thumbprint(crypto.SHA256); err != nil || !bytes.Equal(thumb, unbase64(t, keys[0].KeyID)) {
				t.Errorf("the kid is %s, the thumbprint %x (%v)", keys[0].KeyID, thumb, err)
			}
			var claims josejwt.Claims
			must(t, token.Claims(keys[0].Key, &claims))
			must(t, claims.Validate(josejwt.Expected{
				Issuer: issuer, Subject: m.user.ID, AnyAudience: josejwt.Audience{site}, Time: h.clock.Now(),
			}))
			var raw struct{ Keys []map[string]string }
			must(t, json.Unmarshal(text, &raw))
			if len(raw.Keys[0]) != len(c.members) {
				t.Errorf("the published key has the members %v, want only %v", raw.Keys[0], c.members)
			}
			for _, name := range c.members {
				if raw.Keys[0][name] == "" {
					t.Errorf("the published key lacks %q", name)
				}
			}
		})
	}
}

// TOK-10: weak keys, keys of another algorithm and what is no key are refused
// when they are loaded, also when somebody wrote them into the store.
func TestWeakKeysAreRefused(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // the weak key is what is refused
	must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	for _, c := range []struct {
		name, algorithm string
		public          any
	}{
		{"RSA of 1024 bits", authcore.RS256, small.Public()},
		{"P-384", authcore.ES256, p384.Public()},
		{"a key of another algorithm", authcore.EdDSA, p256.Public()},
		{"an algorithm that is not known", "HS256", p256.Public()},
		{"no key", authcore.ES256, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newCore(t, nil)
			der := []byte("not DER")
			if c.public != nil {
				der, err = x509.MarshalPKIXPublicKey(c.public)
				must(t, err)
			}
			h.write(t, func(tx authcore.Tx) error {
				if _, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectKeys}, h.clock.Now()); err != nil {
					return err
				}
				return tx.CreateSigningKey(authcore.SigningKey{
					ID: "weak", Algorithm: c.algorithm, Public: der, CreatedAt: h.clock.Now(), ActiveFrom: h.clock.Now(),
				})
			})
			wantCode(t, h.live.Refresh(t.Context(), h.store, h.clock.Now()), authcore.CodeInternal)
			o := h.options
			o.Live = authcore.NewLive()
			if err := authcore.New(o).Prepare(t.Context()); err == nil {
				t.Error("a core was prepared with it")
			}
		})
	}
}
