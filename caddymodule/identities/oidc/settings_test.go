package oidc

import (
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

func TestSettings(t *testing.T) {
	const id = "client_id c\n"
	for _, c := range []struct{ block, want string }{
		{"issuer https://accounts.example.com\n" + id, ""},
		{"issuer https://accounts.example.com/realms/a/\n" + id, ""},
		{"issuer http://localhost:8080\n" + id, ""},
		{"issuer http://[::1]:8080\n" + id, ""},
		{"issuer {env.ISSUER}\n" + id, ""},
		{"issuer https://a.example.com\n" + id + "client_secret s\nredirect_url com.example.app:/back\n", ""},
		{"", "identity oidc needs an issuer"},
		{"issuer https://a.example.com\n", "identity oidc needs a client_id"},
		{"issuer http://a.example.com\n" + id, "issuer 'http://a.example.com' is not an address"},
		{"issuer http://127.0.0.1.example.com\n" + id, "is not an address"},
		{"issuer a.example.com\n" + id, "issuer 'a.example.com' is not an address"},
		{"issuer https://u:p@a.example.com\n" + id, "is not an address"},
		{"issuer https://a.example.com?x\n" + id, "is not an address"},
		{"issuer https://a.example.com#x\n" + id, "is not an address"},
		{"issuer ftp://a.example.com\n" + id, "is not an address"},
		{"issuer\n", "'issuer' needs a value"},
		{"issuer \"\"\n", "'issuer' needs a value"},
		{"issuer https://a.example.com\nissuer https://b.example.com\n", "'issuer' is already specified"},
		{"client_secret a b\n", "'client_secret' takes one value"},
		{"secret a\n", "unrecognized option 'secret' of identity oidc: issuer, client_id, client_secret, redirect_url"},
		{"issuer https://a.example.com\n" + id + "redirect_url https://b.example.com\n", "redirect_url is for codes, which need a client_secret too"},
		{"issuer https://a.example.com\n" + id + "client_secret s\nredirect_url /back\n", "redirect_url '/back' is not an absolute address"},
		{"issuer https://a.example.com\n" + id + "client_secret s\nredirect_url https://b.example.com/#x\n", "is not an absolute address"},
	} {
		t.Run(c.block, func(t *testing.T) {
			err := new(OIDC).UnmarshalCaddyfile(caddyfile.NewTestDispenser("oidc {\n" + c.block + "}"))
			if c.want == "" {
				must(t, err)
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), ", at Testfile:") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	if err := new(OIDC).UnmarshalCaddyfile(caddyfile.NewTestDispenser("oidc https://a.example.com")); err == nil {
		t.Error("an argument is taken")
	}
}

func TestPlaceholders(t *testing.T) {
	t.Setenv("OIDC_ISSUER", "https://a.example.com")
	t.Setenv("OIDC_BAD", "http://a.example.com")
	t.Setenv("OIDC_ODD", "http://a.example.com/{x}")
	t.Setenv("OIDC_SECRET", clientSecret)
	o := OIDC{Issuer: "{env.OIDC_ISSUER}", ClientID: "c", ClientSecret: "{env.OIDC_SECRET}"}
	must(t, o.Provision(caddy.Context{}))
	if o.Issuer != "https://a.example.com" || o.ClientSecret != clientSecret {
		t.Errorf("resolved to %q and the secret %q", o.Issuer, o.ClientSecret)
	}
	must(t, o.Cleanup())
	must(t, new(OIDC).Cleanup()) // after a Provision that failed
	for want, o := range map[string]*OIDC{
		"issuer 'http://a.example.com' is not an address":    {Issuer: "{env.OIDC_BAD}", ClientID: "c"},
		"issuer 'http://a.example.com/{x}' is not an add":    {Issuer: "{env.OIDC_ODD}", ClientID: "c"},
		"client_secret: '{env.OIDC_NONE}' is empty":          {Issuer: "https://a.example.com", ClientID: "c", ClientSecret: "{env.OIDC_NONE}"},
		"client_secret: a placeholder in it is empty or not": {Issuer: "https://a.example.com", ClientID: "c", ClientSecret: "half of it{env.OIDC_NONE}"},
		"needs an issuer":    {},
		"needs a client_id":  {Issuer: "https://a.example.com"},
		"redirect_url is fo": {Issuer: "https://a.example.com", ClientID: "c", RedirectURL: "https://b.example.com"},
	} {
		if err := o.Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "half of it") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
