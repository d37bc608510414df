package integration

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// forms are what is posted to each page, by its path.
var forms = map[string]url.Values{
	"sign-in":           {"name": {"alice"}, "password": {"x"}, "to": {"/"}},
	"code":              {"code": {"123456"}},
	"code/send":         {"device": {"x"}},
	"step-up":           {"code": {"123456"}},
	"step-up/send":      {"device": {"x"}},
	"enrol/app":         {},
	"enrol/phone":       {"address": {"+351912345678"}},
	"enrol/email":       {"address": {"a@example.com"}},
	"enrol/code":        {"code": {"123456"}, "kind": {"totp"}},
	"devices/add/app":   {},
	"devices/add/phone": {"address": {"+351912345678"}},
	"devices/add/email": {"address": {"a@example.com"}},
	"devices/add/code":  {"code": {"123456"}, "kind": {"totp"}},
	"sign-out":          {},
	"browser":           {"way": {"phone"}},
	"browser/code":      {"code": {"abc234"}},
	"browser/code/send": {},
	"approvals/approve": {"id": {"ABCDEFGHIJKL"}},
	"approvals/refuse":  {"id": {"ABCDEFGHIJKL"}},
	"approvals/strict":  {"strict": {"1"}},
}

// WEB-05: only a form of this origin, of the one type that forms have, of a size
// that ours have, and with each field once, changes anything: login CSRF included.
func TestFormsOfOthers(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	d.signIn(b, "/")
	token := b.cookie("doorward")
	const typed = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		what    string
		headers map[string]string
		body    string
		status  int
	}{
		{"cross-site", map[string]string{"Sec-Fetch-Site": "cross-site"}, "", http.StatusForbidden},
		{"a sibling subdomain", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://other.gate"}, "", http.StatusForbidden},
		{"cross-site, and this origin", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://gate"}, "", http.StatusForbidden},
		{"an unknown relation", map[string]string{"Sec-Fetch-Site": "?"}, "", http.StatusForbidden},
		{"an old browser, origin null", map[string]string{"Sec-Fetch-Site": "", "Origin": "null"}, "", http.StatusForbidden},
		{"an old browser, another origin", map[string]string{"Sec-Fetch-Site": "", "Origin": "http://gate.evil.example"}, "", http.StatusForbidden},
		{"an old browser, another port", map[string]string{"Sec-Fetch-Site": "", "Origin": "http://gate:81"}, "", http.StatusForbidden},
		{"neither header", map[string]string{"Sec-Fetch-Site": "", "Origin": ""}, "", http.StatusForbidden},
		{"text/plain", map[string]string{"Content-Type": "text/plain"}, "", http.StatusUnsupportedMediaType},
		{"multipart", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, "--x--\r\n", http.StatusUnsupportedMediaType},
		{"JSON", map[string]string{"Content-Type": "application/json"}, `{"name":"alice"}`, http.StatusUnsupportedMediaType},
		{"no type", map[string]string{"Content-Type": ""}, "", http.StatusUnsupportedMediaType},
		{"a type that is none", map[string]string{"Content-Type": typed + "; charset"}, "", http.StatusUnsupportedMediaType},
		{"a field twice", nil, "to=/a&to=/b", http.StatusUnprocessableEntity},
		{"what is no form", nil, "a=%zz", http.StatusUnprocessableEntity},
		{"9 KiB", nil, "a=" + strings.Repeat("a", 9<<10), http.StatusRequestEntityTooLarge},
	} {
		for path, form := range forms {
			one := *b
			one.headers = c.headers
			body := c.body
			if body == "" {
				body = form.Encode()
			}
			p := one.sendBody(http.MethodPost, "/.doorward/"+path, body)
			if p.status != c.status || len(p.header["Set-Cookie"]) > 0 || strings.Contains(p.body, "<form") {
				t.Errorf("%s to %s: %d %v, want %d and no form", c.what, path, p.status, p.header["Set-Cookie"], c.status)
			}
		}
	}
	d.wantIn("after all of them", token)
	old := *b
	old.headers = map[string]string{"Sec-Fetch-Site": "", "Origin": "http://gate"}
	if p := old.sendBody(http.MethodPost, "/.doorward/sign-out", ""); p.status != http.StatusSeeOther {
		t.Errorf("a form of ours from an old browser: %d", p.status)
	}
}

// A page answers the methods that it has, and a path that is none answers none.
func TestMethodsOfPages(t *testing.T) {
	d := open(t, "", "")
	for path, allow := range map[string]string{
		"sign-in": "GET, HEAD, POST", "code": "GET, HEAD, POST", "continue": "GET, HEAD", "code/send": "POST", "sign-out": "GET, HEAD, POST",
		"invite/ABCDEFGHIJKLMNOPQRSTUVWXYZ": "GET, HEAD", "devices/add": "GET, HEAD",
		"browser": "GET, HEAD, POST", "browser/code/send": "POST", "browser/wait": "GET, HEAD", "approvals": "GET, HEAD", "approvals/approve": "POST",
	} {
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "PROPFIND"} {
			if status, _, header := d.do(method, "/.doorward/"+path, ""); status != http.StatusMethodNotAllowed || header.Get("Allow") != allow {
				t.Errorf("%s %s: %d Allow: %q, want 405 and %q", method, path, status, header.Get("Allow"), allow)
			}
		}
	}
	for _, path := range []string{"nothing", "sign-in/", "Sign-In", "invite/", "code/x", "..", "invite/A/B"} {
		if status, _ := d.get("/.doorward/" + path); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
	if d.app.hits.Load() != 0 {
		t.Error("the app was asked")
	}
}

// Law 9: who does not speak TLS gets one sentence: no form that he could fill in,
// and no cookie.
func TestPagesWithoutTLS(t *testing.T) {
	d := openServers(t, "trusted_proxies_unix", "")
	paths := maps.Clone(forms)
	paths["devices/add"], paths["invite/ABCDEFGHIJKLMNOPQRSTUVWXYZ"], paths["nothing"], paths["browser/wait"], paths["approvals"] = nil, nil, nil, nil, nil
	b := d.browser()
	for path := range paths {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			b.headers = map[string]string{"X-Forwarded-Proto": "http"}
			p := b.send(method, "/.doorward/"+path, url.Values{})
			p.want(http.StatusForbidden, "Only over HTTPS")
			if len(p.header["Set-Cookie"]) > 0 || strings.Contains(p.body, "<form") {
				t.Errorf("%s %s: %v %s", method, path, p.header["Set-Cookie"], p.body)
			}
		}
	}
	b.headers = map[string]string{"X-Forwarded-Proto": "https"}
	p := b.open("/.doorward/sign-in").want(http.StatusOK).post("/.doorward/sign-in", "name", d.name, "password", d.password)
	cookies := p.header["Set-Cookie"]
	if len(cookies) != 1 || !strings.HasPrefix(cookies[0], "__Host-doorward-flow=") {
		t.Fatalf("over TLS the cookies are %v", cookies)
	}
	for _, want := range []string{"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"} {
		if !strings.Contains(cookies[0], want) {
			t.Errorf("the cookie has no %s: %s", want, cookies[0])
		}
	}
}
