package integration

import (
	"net/http"
	"strings"
	"testing"
)

// Issue 5: a page without a session leads to sign-in and back to exactly that page,
// whatever Caddy rewrote before the gate; other paths than this site's lead to its
// start (WEB-04).
func TestNavigationLeadsToSignIn(t *testing.T) {
	app := newBackend(t, nil)
	d := openBefore(t, app, caddyfile("", "", "reverse_proxy "+app.Listener.Addr().String())+`
	http:// {
		bind "unix/{$KIT_DIR}/moved.sock"
		handle_path /app/* {
			doorward
			reverse_proxy `+app.Listener.Addr().String()+`
		}
	}`)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		status, body, h := d.do(method, "/a%2Fb/c?x=1&y=%20z", "", navigation...)
		if status != http.StatusSeeOther || h.Get("Location") != "/.doorward/sign-in?to=%2Fa%252Fb%2Fc%3Fx%3D1%26y%3D%2520z" || h.Get("Cache-Control") != "no-store" || body != "" {
			t.Errorf("%s: %d %v %s", method, status, h, body)
		}
	}
	moved := *d
	moved.client = d.Client("moved")
	if _, _, h := moved.do(http.MethodGet, "/app/page", "", navigation...); h.Get("Location") != "/.doorward/sign-in?to=%2Fapp%2Fpage" {
		t.Errorf("a path that was rewritten leads to %q", h.Get("Location"))
	}
	for target, want := range map[string]string{
		"/x": "%2Fx", "http://evil.example/x": "%2F", "//evil.example/x": "%2F", "http://gate/x": "%2F", `/\evil.example`: "%2F%255Cevil.example", "/%2fevil": "%2F%252fevil",
	} {
		answer := d.raw("GET " + target + " HTTP/1.1\r\nHost: gate\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nConnection: close\r\n\r\n")
		if answer.status != http.StatusSeeOther || answer.header.Get("Location") != "/.doorward/sign-in?to="+want {
			t.Errorf("%q: %+v", target, answer)
		}
	}
	if hits := app.hits.Load(); hits != 0 {
		t.Errorf("the app got %d requests", hits)
	}
}

// A gate alone has no page to lead to. What a person reads is in his language.
func TestGateAloneRefusesWithAPage(t *testing.T) {
	app := newBackend(t, nil)
	d := openBefore(t, app, caddyfile("", "", "")+`
	http:// {
		bind "unix/{$KIT_DIR}/alone.sock"
		doorward_gate {
			require /admin/* {
				group admins
			}
			allow_origin https://spa.example.com
		}
		reverse_proxy `+app.Listener.Addr().String()+`
	}`)
	d.client = d.Client("alone")
	for language, want := range map[string]string{"en": "Please sign in", "ru-RU,ru;q=0.9": "Пожалуйста, войдите", "pt-PT": "Inicie sessão", "zh-CN": "请登录"} {
		status, body, h := d.do(http.MethodGet, "/", "", append(navigation, "Accept-Language", language)...)
		if status != http.StatusUnauthorized || !strings.Contains(body, want) || h.Get("Location") != "" || h.Get("WWW-Authenticate") == "" || strings.Contains(body, "login is required") {
			t.Errorf("%s: %d %v %s", language, status, h, body)
		}
	}
	if _, body, _ := d.do(http.MethodGet, "/", "", "Origin", "https://spa.example.com"); strings.Contains(body, "sign_in") {
		t.Errorf("a script is led to a page that there is not: %s", body)
	}
	status, body, h := d.do("TRACE", "/", "", append(navigation, "Accept-Language", "ru")...)
	if status != http.StatusMethodNotAllowed || !strings.Contains(body, "Не пропускается") || h.Get("Allow") == "" {
		t.Errorf("%d %v %s", status, h, body)
	}
	if hits := app.hits.Load(); hits != 0 {
		t.Errorf("the app got %d requests", hits)
	}
}

// Who may not see a page as himself is shown the way to be somebody else.
func TestForbiddenPageLeadsOn(t *testing.T) {
	d := open(t, "", "require /admin/* {\ngroup admins\n}")
	b := d.browser()
	d.signIn(b, "/").want(http.StatusOK)
	b.open("/admin/users").want(http.StatusForbidden, "Sign out in a new tab")
}
