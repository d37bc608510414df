package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// TOK-15: a token that is known ends when it ends, and is good only for what it
// was proven for.
func TestCachedTokens(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	l := h.login(t, m)
	h.passes(t, l.Token)

	t.Run("a known session costs no SQL", func(t *testing.T) {
		h.faults.Reset()
		for range 100 {
			h.passes(t, l.Token)
		}
		if n, b := h.faults.Count(), h.faults.Begins(); n != 0 || b != 0 {
			t.Errorf("%d statements in %d transactions for 100 requests, want none", n, b)
		}
	})
	t.Run("another audience", func(t *testing.T) {
		_, err := h.Gatekeeper.Authenticate(t.Context(), l.Token, "other.example.com")
		wantCode(t, err, authcore.CodeUnauthenticated)
	})
	same := func(o *authcore.Options) { o.Live = h.live } // a reload keeps the Live
	t.Run("another issuer", func(t *testing.T) {
		other := h.again(t, func(o *authcore.Options) { same(o); o.Issuer = "https://other.example.com" })
		other.refuses(t, l.Token)
	})
	t.Run("law 6: a kind that the operator no longer names", func(t *testing.T) {
		other := h.again(t, func(o *authcore.Options) { same(o); o.Factors = authcore.Factors{authcore.KindTOTP} })
		other.refuses(t, l.Token)
		h.again(t, same).passes(t, l.Token)
	})
	t.Run("its end", func(t *testing.T) {
		h.clock.Turn(12*time.Hour - time.Second)
		h.refresh(t)
		h.passes(t, l.Token)
		h.clock.Turn(time.Second)
		h.refresh(t)
		h.refuses(t, l.Token)
		h.again(t, nil).refuses(t, l.Token)
	})
}

// TOK-05, TOK-12: what the core issues itself.
func TestIssuedTokens(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.TokenLifetime, o.SessionLifetime = time.Hour, 90*time.Minute })
	m := h.member(t, "alice")
	l := h.login(t, m)
	if want := h.clock.Now().Add(time.Hour); !l.ExpiresAt.Equal(want) {
		t.Errorf("expires at %s, want %s", l.ExpiresAt, want)
	}
	f, g := newForge(t, h, l.Token), newForge(t, h, h.login(t, m).Token)
	if f.claims["jti"] == g.claims["jti"] || len(f.claims["jti"].(string)) < 26 {
		t.Errorf("the jti are %v and %v: want 128 random bits each", f.claims["jti"], g.claims["jti"])
	}
	if len(f.header) != 3 || f.header["typ"] != "at+jwt" || f.header["alg"] != "ES256" {
		t.Errorf("header %v", f.header)
	}
	for token, want := range map[string]bool{
		l.Token: true, f.withClaim(t, "exp", 1): true, "": false, "x.y.z": false,
		f.withHeader(t, "kid", "another"): false, f.withHeader(t, "crit", "x"): false,
	} {
		if got := h.Gatekeeper.Issued(token); got != want {
			t.Errorf("Issued(%.60q…) is %v, want %v", token, got, want)
		}
	}
	h.clock.Turn(time.Hour)
	h.refresh(t)
	h.refuses(t, l.Token)
}
