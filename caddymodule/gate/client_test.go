package gate

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

// led is a gate with a portal before it.
func led(t *testing.T, g *Gate) *guarded {
	t.Helper()
	o := guard(t, g)
	o.prefix = o.pages.Prefix
	return o
}

func asking(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

const (
	problemType = "application/problem+json"
	pageType    = "text/html; charset=utf-8"
)

// WEB-09: only who opens a page is led to sign-in; all others are told 401 in the
// form that they read, a form that was sent is not lost without a word, and the app
// is never asked.
func TestEachClientIsToldInItsForm(t *testing.T) {
	o := led(t, &Gate{Open: []authcore.OpenPath{"/open"}})
	navigates := []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest"}
	for _, c := range []struct {
		name, method string
		headers      []string
		status       int
		media        string
		text         string
	}{
		{"a page", "GET", append(navigates, "document"), 303, "", ""},
		{"a page, HEAD", "HEAD", append(navigates, "document"), 303, "", ""},
		{"a page, by a browser that does not say where it goes", "GET", []string{"Sec-Fetch-Mode", "navigate"}, 303, "", ""},
		{"a page, by an old browser", "GET", []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, 303, "", ""},
		{"a page, whatever Accept says", "GET", append(navigates, "document", "Accept", "application/json"), 303, "", ""},
		{"a form", "POST", append(navigates, "document", "Content-Type", "application/x-www-form-urlencoded"), 401, pageType, "Not sent yet"},
		{"a form, by an old browser", "POST", []string{"Accept", "text/html", "Content-Type", "multipart/form-data; boundary=x"}, 401, pageType, "Not sent yet"},
		{"an odd navigation", "PUT", append(navigates, "document"), 401, pageType, "Not sent yet"},
		{"a frame", "GET", append(navigates, "iframe"), 401, pageType, "in a tab of its own"},
		{"an object", "GET", append(navigates, "object"), 401, pageType, "in a tab of its own"},
		{"an embed", "GET", append(navigates, "embed", "Accept", "text/html"), 401, pageType, "in a tab of its own"},
		{"fetch", "GET", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Accept", "text/html"}, 401, problemType, ""},
		{"fetch of the same origin", "POST", []string{"Sec-Fetch-Mode", "same-origin", "Sec-Fetch-Dest", "empty", "Accept", "text/html", "Content-Type", "text/plain"}, 401, problemType, ""},
		{"a picture", "GET", []string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, 401, problemType, ""},
		{"XHR of an old browser", "GET", []string{"Accept", "text/html, */*; q=0.01", "X-Requested-With", "XMLHttpRequest"}, 401, problemType, ""},
		{"a program", "GET", []string{"Accept", "*/*"}, 401, problemType, ""},
		{"a program that sends JSON", "POST", []string{"Accept", "text/html", "Content-Type", "application/json"}, 401, problemType, ""},
		{"an event stream", "GET", []string{"Accept", "text/event-stream"}, 401, problemType, ""},
		{"an event stream of a page", "GET", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Accept", "text/event-stream"}, 401, problemType, ""},
		{"a WebSocket", "GET", []string{"Connection", "Upgrade", "Upgrade", "websocket", "Accept", "text/html", "Sec-Fetch-Mode", "websocket"}, 401, problemType, ""},
		{"a WebSocket that says it navigates", "GET", append(navigates, "document", "Connection", "Upgrade", "Upgrade", "websocket"), 401, problemType, ""},
		{"gRPC", "POST", []string{"Content-Type", "application/grpc+proto"}, 200, "application/grpc", ""},
		{"gRPC-Web", "POST", []string{"Content-Type", "application/grpc-web+proto", "Sec-Fetch-Mode", "cors"}, 200, "application/grpc-web", ""},
		{"gRPC-Web as text", "POST", []string{"Content-Type", "application/grpc-web-text"}, 200, "application/grpc-web-text", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := o.serve(t, asking(c.method, "/a/b?c=d&e=f", c.headers...))
			h := w.Header()
			if w.Code != c.status || h.Get("Content-Type") != c.media || h.Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), c.text) {
				t.Fatalf("%d %v %s", w.Code, h, w.Body)
			}
			if (c.status == 303) != (h.Get("Location") == "/.doorward/sign-in?to=%2Fa%2Fb%3Fc%3Dd%26e%3Df") || c.status != 303 && h.Get("WWW-Authenticate") == "" {
				t.Errorf("%v", h)
			}
			if strings.HasPrefix(c.media, "application/grpc") && h.Get("Grpc-Status") != "16" {
				t.Errorf("%v", h)
			}
			var p struct {
				SignIn string `json:"sign_in"`
				StepUp string `json:"step_up"`
			}
			if c.media == problemType && (json.Unmarshal(w.Body.Bytes(), &p) != nil || p.SignIn != "/.doorward/sign-in" || p.StepUp != "") {
				t.Errorf("%s", w.Body)
			}
			if c.media == pageType && !strings.Contains(w.Body.String(), `target="_blank" rel="noopener"`) {
				t.Errorf("%s", w.Body)
			}
		})
	}
	if o.hits != 0 {
		t.Errorf("the app got %d requests", o.hits)
	}
}

// RFC 9470, section 4: a code that is too old leads a person to the page that asks
// for a newer one, and tells a program how old it may be, and a script where.
func TestStepUpOfEachClient(t *testing.T) {
	o := led(t, &Gate{Require: []*Require{{OTPMaxAge: caddy.Duration(5 * time.Minute)}}})
	o.clock.Turn(6 * time.Minute)
	must(t, o.live.Refresh(t.Context(), o.store, o.clock.Now()))
	with := func(method string, headers ...string) *httptest.ResponseRecorder {
		return o.serve(t, asking(method, "/admin", append(headers, "Cookie", "__Host-doorward="+o.token)...))
	}
	if w := with("GET", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"); w.Code != 303 || w.Header().Get("Location") != "/.doorward/step-up?to=%2Fadmin" {
		t.Errorf("a page: %d %v", w.Code, w.Header())
	}
	w := with("GET", "Sec-Fetch-Mode", "cors")
	if w.Code != 401 || !strings.Contains(w.Header().Get("WWW-Authenticate"), `error="insufficient_user_authentication"`) ||
		!strings.HasSuffix(w.Header().Get("WWW-Authenticate"), "max_age=300") || !strings.Contains(w.Body.String(), `"step_up":"/.doorward/step-up"`) || strings.Contains(w.Body.String(), "sign_in") {
		t.Errorf("a script: %d %v %s", w.Code, w.Header(), w.Body)
	}
	for what, w := range map[string]*httptest.ResponseRecorder{
		"a form":  with("POST", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"),
		"a frame": with("GET", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"),
	} {
		if w.Code != 401 || !strings.Contains(w.Body.String(), `href="/.doorward/step-up`) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	if o.hits != 0 {
		t.Errorf("the app got %d requests", o.hits)
	}
}

// Two sessions at once are none, and a third would not help: nobody is led in a
// circle.
func TestTwoSessions(t *testing.T) {
	o := led(t, new(Gate))
	o.TakeFrom([]string{"asc_auth_key"})
	two := "__Host-doorward=" + o.token + "; asc_auth_key=" + o.signIn(t, "bob", authcore.DoorPortal)
	w := o.serve(t, asking("GET", "/x", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Cookie", two))
	if w.Code != 401 || !strings.Contains(w.Body.String(), `href="/.doorward/sign-out"`) || o.hits != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// WEB-04: the way back is a path of this site, or the start of it.
func TestWayBack(t *testing.T) {
	o := led(t, new(Gate))
	for target, want := range map[string]string{
		"/":                                  "%2F",
		"/a%2Fb%20c/../d?x=%3C&y":            "%2Fa%252Fb%2520c%2F..%2Fd%3Fx%3D%253C%26y",
		"/a?to=https://evil.example":         "%2Fa%3Fto%3Dhttps%3A%2F%2Fevil.example",
		"//evil.example":                     "%2F",
		"//evil.example/x?y":                 "%2F",
		"///evil.example":                    "%2F",
		"/%5Cevil.example":                   "%2F%255Cevil.example", // escaped it is a name, and the portal looks again
		"http://evil.example/x":              "%2F",
		"https://evil.example":               "%2F",
		"/" + strings.Repeat("a", 3000):      "%2F",
		"/x?" + strings.Repeat("a=b&", 1000): "%2F",
		"/\u00e9":                            "%2F%25C3%25A9",
	} {
		r := asking("GET", "/", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
		var err error
		r.URL, err = url.ParseRequestURI(target) // as a server does
		must(t, err)
		if got := o.serve(t, r).Header().Get("Location"); got != "/.doorward/sign-in?to="+want {
			t.Errorf("%.60q leads to %.90q", target, got)
		}
	}
}
