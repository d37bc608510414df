package app

import (
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/caddymodule/pages"
)

// Law 14: what a placeholder gives, and what stands in JSON, is judged as a word
// of the Caddyfile is.
func TestSettingsOfBrowsers(t *testing.T) {
	for name, value := range map[string]string{
		"TEST_DOMAIN": "Example.COM", "TEST_SUFFIX": "co.uk", "TEST_URL": "https://App.example.com:8443", "TEST_OTHER": "https://example.org", "TEST_PREFIX": "/a/../", "TEST_EMPTY": "",
	} {
		t.Setenv(name, value)
	}
	for _, c := range []struct {
		app  *App
		want string // in the error; empty: it is taken
	}{
		{&App{CookieDomain: "{env.TEST_DOMAIN}", PublicURL: "{env.TEST_URL}", Idle: caddy.Duration(time.Minute)}, ""},
		{&App{CookieDomain: "EXAMPLE.com", PublicURL: "https://example.com"}, ""},
		{&App{CookieDomain: "{env.TEST_SUFFIX}"}, "cookie_domain 'co.uk' is a suffix"},
		{&App{CookieDomain: "{env.TEST_EMPTY}"}, "cookie_domain '{env.TEST_EMPTY}'"},
		{&App{CookieDomain: "{env.TEST_DOMAIN}", PublicURL: "{env.TEST_OTHER}"}, "public_url 'https://example.org' is not in cookie_domain 'example.com'"},
		{&App{CookieDomain: "{env.TEST_DOMAIN}", PublicURL: "http://localhost:8080"}, "is not in cookie_domain"},
		{&App{Idle: caddy.Duration(time.Minute - 1)}, "idle '59.999999999s' is out of range"},
		{&App{Idle: -1}, "idle '-1ns' is out of range"},
		{&App{Idle: caddy.Duration(13 * time.Hour)}, "idle 13h0m0s is longer than session_lifetime 12h0m0s"},
		{&App{Idle: caddy.Duration(13 * time.Hour), SessionLifetime: caddy.Duration(13 * time.Hour)}, ""},
		{&App{Idle: caddy.Duration(13 * time.Hour), TokenLifetime: caddy.Duration(14 * time.Hour)}, ""},
		{&App{Idle: caddy.Duration(time.Hour), TokenLifetime: caddy.Duration(20 * time.Minute)}, ""},
		{&App{Portal: &pages.Settings{Prefix: "//"}}, "portal: prefix '//' is not a path"},
		{&App{Portal: &pages.Settings{Prefix: "{env.TEST_PREFIX}"}}, "portal: prefix '/a/../' is not a path"},
		{&App{Portal: &pages.Settings{Name: "{env.TEST_EMPTY}"}}, "portal: name '{env.TEST_EMPTY}'"},
	} {
		a := c.app
		err := a.checkSettings()
		if err == nil {
			err = a.loadPages()
		}
		switch {
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q and %q: %v, want %q", a.CookieDomain, a.PublicURL, err, c.want)
		case c.want == "" && err != nil:
			t.Errorf("%q, %q, %d: %v", a.CookieDomain, a.PublicURL, a.Idle, err)
		case c.want == "" && a.CookieDomain != strings.ToLower(a.CookieDomain):
			t.Errorf("the domain is %q", a.CookieDomain)
		}
	}
}
