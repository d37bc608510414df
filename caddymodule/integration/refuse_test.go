package integration

import (
	"net/http"
	"strings"
	"testing"
)

// The form of a refusal fits who reads it, and none costs the app a request.
func TestRefusalForms(t *testing.T) {
	d := open(t, "", "open /public/*")
	for _, c := range []struct {
		name    string
		method  string
		headers []string
		status  int
		media   string
	}{
		{"a program", "GET", nil, 401, "application/problem+json"},
		{"a program that posts", "POST", []string{"Accept", "text/html"}, 401, "application/problem+json"},
		{"a script of a page", "GET", []string{"Sec-Fetch-Mode", "cors", "Accept", "text/html"}, 401, "application/problem+json"},
		{"a person", "GET", []string{"Sec-Fetch-Mode", "navigate"}, 303, ""},
		{"a person who sends a form", "POST", []string{"Sec-Fetch-Mode", "navigate"}, 401, "text/html; charset=utf-8"},
		{"an old browser", "GET", []string{"Accept", "text/html,*/*"}, 303, ""},
		{"gRPC", "POST", []string{"Content-Type", "application/grpc+proto", "Te", "trailers"}, 200, "application/grpc"},
		{
			"a WebSocket, before its upgrade", "GET",
			[]string{
				"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13",
				"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Accept", "text/html",
			},
			401, "application/problem+json",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body, h := d.do(c.method, "/", "", c.headers...)
			if status != c.status || h.Get("Content-Type") != c.media || (h.Get("WWW-Authenticate") == `Bearer realm="doorward"`) != (status != 303) ||
				h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d %v", status, h)
			}
			switch c.media {
			case "application/grpc":
				if h.Get("Grpc-Status") != "16" || h.Get("Grpc-Message") != "a login is required" || body != "" {
					t.Errorf("%v %q", h, body)
				}
			case "application/problem+json":
				want := `{"type":"about:blank","title":"Unauthorized","status":401,"detail":"A login is required. ` +
					`Log in with your password and a one-time password, and send the token as 'Authorization: Bearer TOKEN'.","sign_in":"/.doorward/sign-in"}` + "\n"
				if body != want {
					t.Error(body)
				}
			case "":
				if h.Get("Location") != "/.doorward/sign-in?to=%2F" || body != "" {
					t.Errorf("%v %s", h, body)
				}
			default:
				if !strings.HasPrefix(body, "<!doctype html>") || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; ") {
					t.Errorf("%v %s", h, body)
				}
			}
		})
	}
	if hits := d.app.hits.Load(); hits != 0 {
		t.Errorf("the app got %d requests", hits)
	}
}

// PATH-08, law 10: TRACE would show the app's headers to a script, and CONNECT
// would open a tunnel past every check. The token does not help, nor an open path.
func TestRefusedMethods(t *testing.T) {
	d := open(t, "", "open /public/*")
	token := d.mustLogin()
	for _, line := range []string{"TRACE / ", "TRACE /public/x ", "CONNECT app:80 ", "CONNECT /public/x "} {
		t.Run(line, func(t *testing.T) {
			answer := d.raw(line + "HTTP/1.1\r\nHost: app:80\r\nAuthorization: " + token + "\r\n\r\n")
			if answer.status != http.StatusMethodNotAllowed || answer.header.Get("Allow") != "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" {
				t.Errorf("%+v", answer)
			}
		})
	}
	if hits := d.app.hits.Load(); hits != 0 {
		t.Errorf("the app got %d requests", hits)
	}
}
