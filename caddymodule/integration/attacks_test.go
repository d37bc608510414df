package integration

import (
	"net/http"
	"strings"
	"testing"
)

// Law 10: a path that is padded until not all its readings can be listed meets
// every demand, and so does a matcher that asks placeholders.
func TestDemandsCanNotBeOutrun(t *testing.T) {
	app := newBackend(t, nil)
	d := openBefore(t, app, caddyfile("", `
		api onlyoffice
		require /admin/* {
			group admins
		}
		require @staff {
			group staff
		}`, "@staff expression `{path}.startsWith(\"/staff\")`\nreverse_proxy "+app.Listener.Addr().String()))
	token := d.mustLogin()
	for name, path := range map[string]string{
		"padded":             "/%61dmin;x=%2f..%2f..%2fp/secret/" + strings.Repeat("b", 7500) + "%255c;%5c%00//",
		"padded otherwise":   "/%61dmin;x=%2f..%2f..%2fp/secret/" + strings.Repeat("b", 7500) + "%252e%5c;%2f%00",
		"staff":              "/staff/x",
		"staff, two slashes": "//staff/x",
		"staff, dots":        "/x/../staff/x",
		"staff, twice":       "/%2573taff/x",
	} {
		hits := d.app.hits.Load()
		if status, body := d.get(path, "Authorization", token); status != http.StatusForbidden || d.app.hits.Load() != hits {
			t.Errorf("%s gives %d %s, want 403", name, status, body)
		}
	}
	if status, body := d.get("/other/x", "Authorization", token); status != http.StatusOK {
		t.Errorf("a path without a demand gives %d %s", status, body)
	}
}

// HDR-07: however a token of ours is wrapped, it does not reach the app. What is
// not ours does.
func TestWrappedTokensStayHere(t *testing.T) {
	d := open(t, "", "open /open")
	token := d.mustLogin()
	for _, value := range []string{"Bearer\t" + token, "Token " + token, `Bearer "` + token + `"`, "Basic x, " + token, token + ".", "DPoP " + token} {
		_, body := d.get("/open", "Authorization", value)
		if strings.Contains(body, token) {
			t.Errorf("%q reached the app", value[:12])
		}
	}
	for _, name := range []string{"a", "DOORWARD", "%64oorward"} {
		if _, body := d.get("/open", "Cookie", "kept=GA1.2.3.4; "+name+"="+token); strings.Contains(body, token) || !strings.Contains(body, "kept=GA1.2.3.4") {
			t.Errorf("the cookies that reached the app: %s", body)
		}
	}
	foreign := "eyJhbGciOiJFUzI1NiIsImtpZCI6IngiLCJ0eXAiOiJhdCtqd3QifQ.e30.c2ln"
	if _, body := d.get("/open", "Authorization", "Bearer "+foreign); !strings.Contains(body, foreign) {
		t.Errorf("a foreign token did not reach the app: %s", body)
	}
}

// SES-11: a page of another origin opens no WebSocket with somebody's cookie. An
// API client, which sends its token itself, may come from anywhere.
func TestUpgradesOfOtherOrigins(t *testing.T) {
	d := open(t, "", "")
	token := d.mustLogin()
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg=="}
	for _, c := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"the same origin", []string{"Cookie", "__Host-doorward=" + token, "Origin", "http://gate"}, http.StatusOK},
		{"no browser", []string{"Cookie", "__Host-doorward=" + token}, http.StatusOK},
		{"another origin", []string{"Cookie", "__Host-doorward=" + token, "Origin", "https://evil.example"}, http.StatusUnauthorized},
		{"a page without an origin", []string{"Cookie", "__Host-doorward=" + token, "Origin", "null"}, http.StatusUnauthorized},
		{"a header", []string{"Authorization", token, "Origin", "https://evil.example"}, http.StatusOK},
	} {
		if status, _, _ := d.do(http.MethodGet, "/", "", append(c.headers, upgrade...)...); status != c.want {
			t.Errorf("%s gives %d, want %d", c.name, status, c.want)
		}
	}
}

// Law 11: below authentication/ nothing is passed on that could hold a code.
func TestNearMissesAreOurs(t *testing.T) {
	d := open(t, "", "open /api/*")
	for _, path := range []string{"authentication/123456/x", "authentication/x/123456", "authentication/setphone/123456", "authentication/1%20/123456", "confirm/TfaAuth"} {
		hits := d.app.hits.Load()
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut} {
			if status, _, _ := d.do(method, "/api/2.0/"+path, ""); status/100 != 4 || d.app.hits.Load() != hits {
				t.Errorf("%s %s gives %d, want 4xx from us", method, path, status)
			}
		}
	}
	if status, _, _ := d.do(http.MethodPost, "/api/2.0/files/@my", ""); status != http.StatusOK {
		t.Errorf("the portal's own route gives %d", status)
	}
}

// PATH-08: an app may read a method in any case.
func TestMethodsInAnyCase(t *testing.T) {
	d := open(t, "", "open /*")
	for _, method := range []string{"trace", "Trace", "connect"} {
		hits := d.app.hits.Load()
		if status, _, _ := d.do(method, "/x", ""); status != http.StatusMethodNotAllowed || d.app.hits.Load() != hits {
			t.Errorf("%s gives %d, want 405", method, status)
		}
	}
}
