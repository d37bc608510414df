package integration

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// routesOfThePortal are the names in its tables.
func routesOfThePortal(t *testing.T) []string {
	t.Helper()
	row := regexp.MustCompile(`(?m)^\t"([a-z./-]*)":|, "([a-z]+)": `)
	var names []string
	for _, file := range []string{"signin.go", "account.go", "browser.go", "approvals.go", "state.go", "assets.go"} {
		text, err := os.ReadFile(filepath.Join("..", "portal", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range row.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1]+m[2])
		}
	}
	if len(names) < 5 {
		t.Fatalf("only %q were found", names)
	}
	return append(names, "nothing", "sign-in/nothing", "style.css/", "%00", "..%2f")
}

// WEB-01: every answer below the prefix, pages, errors and what programs read, has
// the headers that keep it from being framed, sniffed, kept and run.
func TestHeadersOfEveryRoute(t *testing.T) {
	d := openServers(t, "trusted_proxies_unix", "")
	mayBeKept := map[string]bool{"style.css": true, "jwks.json": true}
	for _, name := range routesOfThePortal(t) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodOptions} {
			status, _, h := d.do(method, "/.doorward/"+name, "a=b", "X-Forwarded-Proto", "https", "Content-Type", "application/x-www-form-urlencoded")
			for header, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
				"Strict-Transport-Security": "max-age=31536000",
			} {
				if got := h.Values(header); len(got) != 1 || got[0] != want {
					t.Errorf("%s %s gives %d with %s %q, want %q", method, name, status, header, got, want)
				}
			}
			policy := h.Values("Content-Security-Policy")
			if len(policy) != 1 || !strings.HasPrefix(policy[0], "default-src 'none'") {
				t.Errorf("%s %s gives %d with the policy %q", method, name, status, policy)
			}
			if strings.HasPrefix(h.Get("Content-Type"), "text/html") && !strings.Contains(policy[0], "frame-ancestors 'none'; base-uri 'none'; object-src 'none'") {
				t.Errorf("%s %s gives a page with the policy %q", method, name, policy)
			}
			if kept := h.Get("Cache-Control") != "no-store"; kept != (mayBeKept[name] && status == http.StatusOK) {
				t.Errorf("%s %s gives %d with Cache-Control %q", method, name, status, h.Get("Cache-Control"))
			}
		}
	}
}

// RFC 6797 section 7.2: over plain HTTP nobody is told to use HTTPS for a year.
func TestNoTransportSecurityInTheClear(t *testing.T) {
	d := open(t, "", "")
	for _, proto := range []string{"http", "https"} { // who is no trusted proxy can't say
		if _, _, h := d.do(http.MethodGet, "/.doorward/health", "", "X-Forwarded-Proto", proto); h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", proto, h)
		}
	}
}

// What the pages look like is served as the operator set it, and kept for good
// under the address that the pages name, and no other.
func TestStyleAndLogo(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "logo.svg")
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	if err := os.WriteFile(picture, []byte(svg), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOORWARD_LOGO", picture)
	app := newBackend(t, nil)
	c := caddytestkit.Start(t, caddyfile("portal {\nprefix /my/door/\nname \"ACME & Co\"\naccent \"#0A7D4F\"\nlogo {env.DOORWARD_LOGO}\n}", "", "reverse_proxy "+app.Listener.Addr().String()))
	d := &door{Caddy: c, app: app, client: c.Client("gate"), t: t}
	_, page := d.get("/my/door/nothing")
	if !strings.Contains(page, "<span>ACME &amp; Co</span>") {
		t.Errorf("the name is missing in %s", page)
	}
	for _, asset := range []struct{ address, media, content, policy string }{
		{`href="(/my/door/style\.css\?v=[0-9a-f]+)"`, "text/css; charset=utf-8", "--accent: #0a7d4f; --on-accent: #ffffff", "default-src 'none'"},
		{`src="(/my/door/logo\?v=[0-9a-f]+)"`, "image/svg+xml", svg, "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
	} {
		m := regexp.MustCompile(asset.address).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s is missing in %s", asset.address, page)
		}
		status, text, h := d.do(http.MethodGet, m[1], "")
		if status != http.StatusOK || h.Get("Content-Type") != asset.media || !strings.Contains(text, asset.content) ||
			h.Get("Content-Security-Policy") != asset.policy || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Set-Cookie") != "" {
			t.Errorf("%s gives %d %v %s", m[1], status, h, text)
		}
		if status, text, _ := d.do(http.MethodGet, m[1], "", "If-None-Match", h.Get("ETag")); status != http.StatusNotModified || text != "" {
			t.Errorf("%s, asked again, gives %d", m[1], status)
		}
		path, _, _ := strings.Cut(m[1], "?")
		for _, other := range []string{path, path + "?v=" + strings.Repeat("0", 16)} { // of another node's version
			if status, _, h := d.do(http.MethodGet, other, ""); status != http.StatusOK || h.Get("Cache-Control") != "public, no-cache" {
				t.Errorf("%s gives %d %v", other, status, h)
			}
		}
		if status, text, _ := d.do(http.MethodHead, m[1], ""); status != http.StatusOK || text != "" {
			t.Errorf("HEAD gives %d %q", status, text)
		}
	}
	if status, _ := d.get("/.doorward/health"); status != http.StatusUnauthorized {
		t.Errorf("the default prefix, which is the app's now, gives %d", status)
	}
}

// Without a logo there is none.
func TestNoLogo(t *testing.T) {
	d := open(t, "", "")
	status, page := d.get("/.doorward/logo", "Accept-Language", "pt-PT")
	if status != http.StatusNotFound || !strings.Contains(page, `<html lang="pt">`) || strings.Contains(page, "<img") {
		t.Errorf("%d %s", status, page)
	}
}
