package oidc

import (
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func TestCode(t *testing.T) {
	for _, inBody := range []bool{false, true} {
		p := newOpenID(t)
		p.inBody = inBody
		o, c := newSource(t, p, nil)
		p.codes["once"] = p.claims(c.now(), nil)
		proves(t, o, authcore.Proof{Code: "once"})
		fails(t, o, authcore.Proof{Code: "once"}, unauthenticated)
		fails(t, o, authcore.Proof{Code: "never"}, unauthenticated)
		if p.times("/token") != 3 || p.times("/userinfo") != 0 {
			t.Errorf("the provider was asked %v", p.asked)
		}
	}
	p := newOpenID(t)
	o, c := newSource(t, p, nil)
	for name, changes := range map[string]map[string]any{
		"another audience": {"aud": "another"},
		"another issuer":   {"iss": "https://accounts.example.com"},
		"expired":          {"exp": c.now().Add(-time.Second).Unix()},
		"old":              {"iat": c.now().Add(-time.Hour).Unix()},
	} {
		t.Run(name, func(t *testing.T) {
			p.codes["c0de"] = p.claims(c.now(), changes)
			fails(t, o, authcore.Proof{Code: "c0de"}, unauthenticated)
		})
	}
	t.Run("without an ID token", func(t *testing.T) {
		p.answer("/token", func(w http.ResponseWriter, _ *http.Request) {
			p.write(w, 200, map[string]string{"access_token": "opaque", "token_type": "Bearer"})
		})
		defer p.answer("/token", nil)
		fails(t, o, authcore.Proof{Code: "c0de"}, unauthenticated)
	})
	t.Run("without a redirect_url", func(t *testing.T) {
		o, c := newSource(t, p, func(o *OIDC) { o.RedirectURL = "" })
		p.codes["c0de"] = p.claims(c.now(), nil)
		fails(t, o, authcore.Proof{Code: "c0de"}, unauthenticated)
	})
	t.Run("with another redirect_url than the client's", func(t *testing.T) {
		o, c := newSource(t, p, func(o *OIDC) { o.RedirectURL = "https://app.example.com/other" })
		p.codes["c0de"] = p.claims(c.now(), nil)
		fails(t, o, authcore.Proof{Code: "c0de"}, unauthenticated)
	})
}

// RFC 7662. A token that was given to another client of the provider opens
// nothing here.
func TestIntrospection(t *testing.T) {
	p := newOpenID(t)
	o, c := newSource(t, p, nil)
	answer := func(changes map[string]any) map[string]any {
		a := p.claims(c.now(), map[string]any{"active": true, "client_id": "another", "iat": nil})
		for name, value := range changes {
			if a[name] = value; value == nil {
				delete(a, name)
			}
		}
		return a
	}
	for _, changes := range []map[string]any{
		nil,
		{"aud": []string{"api", clientID}},
		{"aud": nil, "client_id": clientID},
		{"aud": []string{}, "client_id": clientID},
		{"iss": nil, "exp": nil, "client_id": nil},
		{"iat": c.now().Add(-time.Hour).Unix()}, // the provider says that it lives
	} {
		p.tokens["opaque"] = answer(changes)
		proves(t, o, token("opaque"))
	}
	for _, r := range []struct {
		name    string
		changes map[string]any
	}{
		{"inactive", map[string]any{"active": false}},
		{"active: missing", map[string]any{"active": nil}},
		{"meant for another, issued to another", map[string]any{"aud": "another"}},
		{"meant for another, issued to us", map[string]any{"aud": "api", "client_id": clientID}},
		{"meant for nobody, issued to another", map[string]any{"aud": nil}},
		{"meant for nobody, issued to nobody", map[string]any{"aud": nil, "client_id": nil}},
		{"another issuer", map[string]any{"iss": "https://accounts.example.com"}},
		{"expired", map[string]any{"exp": c.now().Unix()}},
		{"later", map[string]any{"nbf": c.now().Add(time.Hour).Unix()}},
		{"bound to a key", map[string]any{"cnf": map[string]string{"x5t#S256": "x"}}},
	} {
		t.Run(r.name, func(t *testing.T) {
			p.tokens["opaque"] = answer(r.changes)
			fails(t, o, token("opaque"), unauthenticated)
		})
	}
	t.Run("unknown", func(t *testing.T) { fails(t, o, token("unknown"), unauthenticated) })
	t.Run("the secret in the body", func(t *testing.T) {
		p := newOpenID(t)
		p.inBody = true
		o, _ := newSource(t, p, nil)
		p.tokens["opaque"] = p.claims(c.now(), map[string]any{"active": true})
		proves(t, o, token("opaque"))
	})
	t.Run("without a client_secret", func(t *testing.T) {
		o, _ := newSource(t, p, func(o *OIDC) { o.ClientSecret, o.RedirectURL = "", "" })
		p.tokens["opaque"] = answer(nil)
		asked := p.times("/.well-known/openid-configuration")
		fails(t, o, token("opaque"), unauthenticated)
		if p.times("/.well-known/openid-configuration") != asked {
			t.Error("the provider was asked for nothing")
		}
	})
	t.Run("without an endpoint, and userinfo is none", func(t *testing.T) {
		p := newOpenID(t)
		p.meta["introspection_endpoint"] = nil
		o, _ := newSource(t, p, nil)
		fails(t, o, token("opaque"), unauthenticated)
		if p.times("/userinfo") != 0 {
			t.Error("userinfo was asked")
		}
	})
}
