package integration

import (
	"net/http"
	"testing"
)

// WEB-07: through a whole Caddy, a preflight of a named origin reaches the app,
// clean and as nobody, and no other one does.
func TestPreflight(t *testing.T) {
	app := newBackend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
	})
	d := openBefore(t, app, caddyfile("", "api onlyoffice\nallow_origin https://spa.example.com http://localhost:3000\nrequire * {\ngroup admins\n}", "reverse_proxy "+app.Listener.Addr().String()))
	token := d.mustLogin()
	question := []string{"Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization", "Remote-User", "root", "Cookie", "doorward=" + token + "; a=b"}
	status, _, h := d.do(http.MethodOptions, "/admin/x", "", append(question, "Origin", "https://spa.example.com")...)
	seen := app.last.Load()
	if status != http.StatusOK || h.Get("Access-Control-Allow-Methods") != "PUT" || seen.Header.Get("Access-Control-Request-Headers") != "authorization" {
		t.Fatalf("%d %v", status, h)
	}
	if seen.Header["Remote-User"] != nil || seen.Header.Get("Cookie") != "a=b" {
		t.Errorf("the app got %v", seen.Header)
	}
	hits := app.hits.Load()
	for _, origin := range []string{"https://evil.example", "https://spa.example.com.evil.example", "https://spa.example.com:8443", "null"} {
		status, _, h := d.do(http.MethodOptions, "/admin/x", "", append(question[:6:6], "Origin", origin)...)
		if status != http.StatusUnauthorized || h["Access-Control-Allow-Origin"] != nil {
			t.Errorf("%s: %d %v", origin, status, h)
		}
	}
	named := []string{"Origin", "https://spa.example.com", "Access-Control-Request-Method", "PUT"}
	if status, _, _ := d.do(http.MethodOptions, "/admin/x", "a body", named...); status != http.StatusUnauthorized {
		t.Errorf("with a body: %d", status)
	}
	answer := d.raw("OPTIONS /x HTTP/1.1\r\nHost: gate\r\nOrigin: https://spa.example.com\r\nAccess-Control-Request-Method: PUT\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
	if answer.status != http.StatusUnauthorized {
		t.Errorf("with a body in chunks: %d", answer.status)
	}
	status, body, h := d.do(http.MethodPut, "/admin/x", "{}", "Origin", "https://spa.example.com", "Sec-Fetch-Mode", "cors")
	if status != http.StatusUnauthorized || h.Get("Access-Control-Allow-Origin") != "https://spa.example.com" || h.Get("Access-Control-Allow-Credentials") != "true" || h.Get("Vary") != "Origin" || body == "" {
		t.Errorf("%d %v %s", status, h, body)
	}
	if app.hits.Load() != hits {
		t.Error("the app was asked")
	}
}
