package gate

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

const spa = "https://spa.example.com"

// WEB-07: what is no origin, or more than one, is refused, and quoted.
func TestCheckOrigin(t *testing.T) {
	for _, origin := range []string{spa, "https://a.b:8443", "http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]", "https://[2001:db8::1]:8443", "https://xn--e1afmkfd.example"} {
		if err := checkOrigin(origin); err != nil {
			t.Error(err)
		}
	}
	for _, origin := range []string{
		"*", "null", "", "spa.example.com", "https://", "https://*", "https://*.example.com", "https://spa.example.com/", "https://spa.example.com/x",
		"https://SPA.example.com", "HTTPS://spa.example.com", "http://spa.example.com", "ftp://spa.example.com", "https://u@spa.example.com",
		"https://spa.example.com?", "https://spa.example.com#", "https://spa.example.com:443", "http://localhost:80", "https://spa.example.com:", "https://spa.example.com:0443", "https://spa.example.com:x",
		"https://spa.example.com.", "https://spa..example.com", "https://a, https://b", "https://пример.example", "https://{env.HOST}", "//spa.example.com", "https:spa.example.com",
	} {
		if err := checkOrigin(origin); err == nil || !strings.Contains(err.Error(), "'"+origin+"'") {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

// WEB-07: a preflight of a named origin passes, without a login, whatever is
// required, and clean; no other one does, and no other page can read a refusal.
func TestOrigins(t *testing.T) {
	o := guard(t, &Gate{
		AllowOrigin: []string{spa, "http://localhost:3000"},
		Require:     []*Require{{Groups: []string{"admins"}, OTPMaxAge: caddy.Duration(time.Minute)}},
	})
	for origin, named := range map[string]bool{
		spa: true, "http://localhost:3000": true,
		"https://SPA.example.com": false, "HTTPS://spa.example.com": false, "https://spa.example.com:443": false, "https://spa.example.com:8443": false,
		"https://spa.example.com.": false, "https://a.spa.example.com": false, "https://example.com": false, "http://spa.example.com": false,
		"https://spa.example.com.evil.example": false, "https://evilspa.example.com": false, "https://spa.example.comevil.example": false,
		"https://evil.example/https://spa.example.com": false, "https://spa.example.com/": false, "https://spa.example.com@evil.example": false,
		" https://spa.example.com": false, "https://spa.example.com https://evil.example": false, "http://localhost": false, "http://localhost:3001": false,
		"null": false, "*": false, "": false, "https://spa_example.com": false,
	} {
		hits := o.hits
		preflight := o.serve(t, asking("OPTIONS", "/x", "Origin", origin, "Access-Control-Request-Method", "DELETE", "Remote-User", "root", "Cookie", "doorward=x; a=b"))
		if (preflight.Code == 200) != named || (o.hits > hits) != named || !named && preflight.Code != 401 {
			t.Errorf("%q: the preflight gives %d", origin, preflight.Code)
		}
		w := o.serve(t, asking("GET", "/x", "Origin", origin, "Sec-Fetch-Mode", "cors"))
		h, want := w.Header(), []string(nil)
		if named {
			want = []string{origin}
		}
		if w.Code != 401 || !slices.Equal(h["Access-Control-Allow-Origin"], want) || (h.Get("Access-Control-Allow-Credentials") == "true") != named || h.Get("Vary") != "Origin" {
			t.Errorf("%q: %d %v", origin, w.Code, h)
		}
	}
}

// What could do more than ask is no preflight, whoever asks.
func TestPreflightsOnly(t *testing.T) {
	o := guard(t, &Gate{AllowOrigin: []string{spa}})
	question := []string{"Origin", spa, "Access-Control-Request-Method", "PUT"}
	var seen http.Header
	if w := o.browse(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }, "Origin", spa); w.Code != 401 || seen != nil {
		t.Errorf("a GET: %d", w.Code)
	}
	for name, r := range map[string]*http.Request{
		"a GET":                 asking("GET", "/", question...),
		"a POST":                asking("POST", "/", question...),
		"options":               asking("options", "/", question...),
		"a question of nobody":  asking("OPTIONS", "/", question[2:]...),
		"no question":           asking("OPTIONS", "/", question[:2]...),
		"an empty question":     asking("OPTIONS", "/", append(question[:2:2], "Access-Control-Request-Method", "")...),
		"two questions":         asking("OPTIONS", "/", append(question, "Access-Control-Request-Method", "GET")...),
		"two origins":           asking("OPTIONS", "/", append(question, "Origin", spa)...),
		"another origin beside": asking("OPTIONS", "/", append(question, "Origin", "https://evil.example")...),
		"an upgrade":            asking("OPTIONS", "/", append(question, "Connection", "Upgrade", "Upgrade", "websocket")...),
		"a body":                withBody(asking("OPTIONS", "/", question...), 5),
		"a body of some length": withBody(asking("OPTIONS", "/", question...), -1),
	} {
		if w := o.serve(t, r); w.Code != 401 || o.hits != 0 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	other := guard(t, &Gate{Open: []authcore.OpenPath{"/open"}})
	if w := other.serve(t, asking("OPTIONS", "/", question...)); w.Code != 401 || w.Header()["Vary"] != nil || w.Header()["Access-Control-Allow-Origin"] != nil {
		t.Errorf("where nobody is named: %d %v", w.Code, w.Header())
	}
	// With a login it passes too, and it is nobody's.
	r := asking("OPTIONS", "/", append(question, "Authorization", o.token, "Remote-User", "root")...)
	if w := o.serve(t, r); w.Code != 200 || r.Header["Remote-User"] != nil || r.Header["Authorization"] != nil {
		t.Errorf("%d, and the app gets %v", w.Code, r.Header)
	}
}

func withBody(r *http.Request, length int64) *http.Request {
	r.ContentLength = length
	return r
}
