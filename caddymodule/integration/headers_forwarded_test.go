package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// HDR-05, M4: what only a proxy may tell the app is removed from everybody else.
func TestForwardedHeaders(t *testing.T) {
	stripped := []string{
		"Forwarded", "X-Real-Ip", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Method",
		"X-Forwarded-Server", "X-Original-Url", "X-Rewrite-Url", "X-Http-Method-Override",
	}
	for _, c := range []struct {
		name, servers string
		want          string
	}{
		{"from anybody", "", ""},
		{"from a trusted proxy", "trusted_proxies_unix", "forged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := openServers(t, c.servers, "open /public/*")
			// A trusted proxy must also say that people use HTTPS, or no code is taken.
			headers := []string{"X-Forwarded-Proto", "https"}
			for _, name := range append(stripped, "X-Forwarded-Host") {
				headers = append(headers, name, "forged")
			}
			if status, body := d.get("/public/x", headers...); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			h := d.app.last.Load().Header
			for _, name := range stripped {
				if h.Get(name) != c.want {
					t.Errorf("%s is %q, want %q", name, h.Get(name), c.want)
				}
			}
		})
	}
}

// HDR-05, law 9: a forwarded address counts only from a trusted proxy, and then
// as Caddy reads it.
func TestForwardedAddress(t *testing.T) {
	for _, c := range []struct{ name, servers, want string }{
		{"from anybody", "", ""},
		{"from a trusted proxy", "trusted_proxies_unix", "203.0.113.7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := openServers(t, c.servers, "")
			device := d.addHOTP()
			body := `{"userName":"alice","password":"` + d.password + `"}`
			status, _ := d.post("/api/2.0/authentication/"+device.code(0), body,
				"X-Forwarded-For", "203.0.113.7", "X-Real-Ip", "198.51.100.1", "Forwarded", "for=198.51.100.2", "X-Forwarded-Proto", "https")
			if status != http.StatusCreated {
				t.Fatalf("the login gives %d", status)
			}
			var sessions []admin.Session
			d.call("session/list", admin.ListOf{}, &sessions)
			if len(sessions) != 1 || sessions[0].Address != c.want {
				t.Errorf("%+v, want the address %q", sessions, c.want)
			}
		})
	}
}

// OTP-15 behind a proxy: it alone knows whether people use HTTPS, and the code
// is not spent when they don't.
func TestForwardedProto(t *testing.T) {
	d := openServers(t, "trusted_proxies_unix", "")
	device := d.addHOTP()
	body := `{"userName":"alice","password":"` + d.password + `"}`
	for _, proto := range []string{"", "http", "httpsx", "http,https"} {
		status, text := d.post("/api/2.0/authentication/"+device.code(0), body, "X-Forwarded-Proto", proto)
		if status != http.StatusForbidden || !strings.Contains(text, "over HTTPS only") {
			t.Errorf("%q gives %d %s", proto, status, text)
		}
	}
	if status, text := d.post("/api/2.0/authentication/"+device.code(0), body, "X-Forwarded-Proto", "HTTPS"); status != http.StatusCreated {
		t.Errorf("the code was spent: %d %s", status, text)
	}
}

// HDR-08: what was cleaned stays clean when Caddy's error routes proxy after us.
// A refusal of ours is answered by us and reaches no error route.
func TestErrorRouteGetsNothing(t *testing.T) {
	app := newBackend(t, nil)
	config := caddyfile("", "api onlyoffice", "reverse_proxy 127.0.0.1:1\nhandle_errors {\nreverse_proxy "+app.Listener.Addr().String()+"\n}")
	d := openBefore(t, app, config)
	token := d.mustLogin()
	forged := []string{"Remote-User", "root", "X-Real-Ip", "1.1.1.1", "Connection", "remote-user"}
	d.mustRefuse(t, "/", append(forged, "Authorization", "Bearer x")...)
	for _, ours := range [][]string{{"Authorization", token}, {"Cookie", "doorward=" + token + "; a=b"}, {"Proxy-Authorization", "Bearer " + token}} {
		t.Run(ours[0], func(t *testing.T) {
			if status, body := d.get("/", append(forged, ours...)...); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			h := d.app.last.Load().Header
			wantWithout(t, h, token)
			wantIdentity(t, h, map[string]string{"Remote-User": "alice", "Remote-Name": "alice", "Remote-Email": "", "Remote-Groups": ""})
			if h.Get("X-Real-Ip") != "" {
				t.Errorf("the app got %v", h)
			}
		})
	}
}
