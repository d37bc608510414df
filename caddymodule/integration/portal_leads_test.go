package integration

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// WEB-04: no address and no form leads anywhere else than to a page of this site.
func TestWhereASignInLeads(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	asked := b.open("/.doorward/sign-in?to=/x")
	d.signIn(b, "/")
	for _, evil := range []string{
		"//evil.example", `/\evil.example`, "https://evil.example/", "https:evil.example", "javascript:alert(1)", "/\t/evil.example",
		"/%2f%2fevil.example", "/%5cevil.example", "/..//evil.example", "@evil.example", "/\r\nSet-Cookie: a=b", "data:text/html,x",
	} {
		query := url.Values{"to": {evil}}.Encode()
		if p := b.send(http.MethodGet, "/.doorward/sign-in?"+query, nil); p.status != http.StatusSeeOther || p.header.Get("Location") != "/" {
			t.Errorf("%q: sign-in leads to %q", evil, p.header.Get("Location"))
		}
		if p := b.send(http.MethodGet, "/.doorward/continue?"+query, nil); !strings.Contains(p.body, `content="0;url=/"`) || strings.Contains(p.body, "evil") {
			t.Errorf("%q: %s", evil, p.body)
		}
		if p := b.send(http.MethodGet, "/.doorward/sign-in?again=1&"+query, nil); p.form("/.doorward/sign-in").Get("to") != "/" {
			t.Errorf("%q: the form leads to %q", evil, p.form("/.doorward/sign-in").Get("to"))
		}
	}
	p := asked.post("/.doorward/sign-in", "name", d.name, "password", d.password, "to", "//evil.example")
	if p.header.Get("Location") != "/.doorward/code?to=%2F" {
		t.Errorf("a form leads to %q", p.header.Get("Location"))
	}
	const path = "/a/%D0%B6?q='%22&b=;c=%0A#there"
	if p := b.open("/.doorward/continue?" + url.Values{"to": {path}}.Encode()); p.path != "/a/%D0%B6?q='%22&b=;c=%0A" {
		t.Errorf("%q leads to %q", path, p.path)
	}
}

// WEB-02: what was typed, and what an address holds, is text in a page.
func TestHostileTextAtSignIn(t *testing.T) {
	d := open(t, "", "")
	for _, hostile := range []string{
		`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `</title><svg onload=alert(1)>`, "{{.Data}}", "javascript:alert(1)",
		"\x00<b>", "&lt;script&gt;", "`${alert(1)}`", "\u202e<i>", `" autofocus onfocus="alert(1)`, "/\"><script>alert(1)</script>",
	} {
		b := d.browser()
		query := url.Values{"to": {hostile}, "again": {hostile}, "done": {hostile}, "kind": {hostile}}.Encode()
		form := url.Values{"name": {hostile}, "password": {hostile}, "to": {hostile}, "invite": {hostile}, "again": {hostile}, "flow": {hostile}}
		b.headers = map[string]string{"Accept-Language": "en;q=" + strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return -1
			}
			return r
		}, hostile)}
		for _, p := range []shownPage{
			b.send(http.MethodGet, "/.doorward/sign-in?"+query, nil),
			b.send(http.MethodGet, "/.doorward/continue?"+query, nil),
			b.send(http.MethodGet, "/.doorward/invite/"+url.PathEscape(hostile), nil),
			b.send(http.MethodGet, "/.doorward/"+url.PathEscape(hostile)+"?"+query, nil),
			b.send(http.MethodPost, "/.doorward/sign-in", form),
			b.send(http.MethodPost, "/.doorward/code", form),
		} {
			for _, never := range []string{"<script", "<img", "<svg", "<b>", "<i>", "onfocus=\"", "onerror=alert(1)>"} {
				if strings.Contains(p.body, never) {
					t.Errorf("%q at %s: %s", hostile, p.path, p.body)
				}
			}
			if p.status >= http.StatusInternalServerError || p.status != http.StatusBadRequest && !strings.Contains(p.header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%q at %s: %d %v", hostile, p.path, p.status, p.header)
			}
		}
	}
}
