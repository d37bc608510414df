package gate

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/authcore"
)

// half is a little more than half of the time that a browser may do nothing.
const half = authcore.DefaultIdle/2 + time.Second

// browse asks over TLS with these headers; app answers behind the gate.
func (o *guarded) browse(t *testing.T, app http.HandlerFunc, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	must(t, o.live.Refresh(t.Context(), o.store, o.clock.Now()))
	r := httptest.NewRequest(http.MethodGet, "https://gate/x", nil)
	r.TLS = new(tls.ConnectionState)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{})
	must(t, o.ServeHTTP(w, r.WithContext(ctx), caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		o.hits++
		app(w, r)
		return nil
	})))
	return w
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// given is the token of the cookie that an answer sets.
func given(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || cookies[0].Name != "__Host-doorward" || !cookies[0].Secure || !cookies[0].HttpOnly {
		t.Fatalf("the answer sets %v", cookies)
	}
	return cookies[0].Value
}

// SES-04: a browser that is used stays in, one that is not is out after half an
// hour, and no cookie that it kept brings it back.
func TestRenewOnUse(t *testing.T) {
	o := guard(t, new(Gate))
	o.token = o.signIn(t, "bob", authcore.DoorPortal)
	first := "__Host-doorward=" + o.token
	o.clock.Turn(half - 2*time.Second)
	if w := o.browse(t, says("ok"), "Cookie", first); w.Code != 200 || w.Header()["Set-Cookie"] != nil || w.Header().Get("Cache-Control") != "" {
		t.Errorf("in the first half: %d %v", w.Code, w.Header())
	}
	o.clock.Turn(2 * time.Second)
	w := o.browse(t, says("ok"), "Cookie", first)
	second := "__Host-doorward=" + given(t, w)
	if again := o.browse(t, says("ok"), "Cookie", first); "__Host-doorward="+given(t, again) != second {
		t.Error("a request beside it is given another token")
	}
	o.clock.Turn(authcore.DefaultIdle - half)
	if w := o.browse(t, says("ok"), "Cookie", first); w.Code != 401 {
		t.Errorf("the first token after half an hour: %d", w.Code)
	}
	hits := o.hits
	if w := o.browse(t, says("ok"), "Cookie", second); w.Code != 200 || o.hits != hits+1 {
		t.Errorf("the second one: %d", w.Code)
	}
	o.clock.Turn(half)
	if w := o.browse(t, says("ok"), "Cookie", second); w.Code != 401 || w.Header()["Set-Cookie"] != nil || o.hits != hits+1 {
		t.Errorf("after half an hour without use: %d %v", w.Code, w.Header())
	}
}

// Nobody but a browser, with our own cookie, is given one.
func TestNoRenewal(t *testing.T) {
	o := guard(t, &Gate{Open: []authcore.OpenPath{"/open"}})
	o.TakeFrom([]string{"asc_auth_key"})
	api := o.token
	browser := o.signIn(t, "bob", authcore.DoorPortal)
	o.clock.Turn(half)
	for what, headers := range map[string][]string{
		"a browser's token in Authorization":      {"Authorization", browser},
		"beside the cookie":                       {"Authorization", browser, "Cookie", "__Host-doorward=" + browser},
		"in Proxy-Authorization, with the cookie": {"Proxy-Authorization", "Bearer " + browser, "Cookie", "__Host-doorward=" + browser},
		"in a dialect's cookie":                   {"Cookie", "asc_auth_key=" + browser},
		"in a dialect's cookie and in ours":       {"Cookie", "asc_auth_key=" + browser + "; __Host-doorward=" + browser},
		"an API's token in our cookie":            {"Cookie", "__Host-doorward=" + api},
		"a WebSocket":                             {"Cookie", "__Host-doorward=" + browser, "Connection", "Upgrade", "Upgrade", "websocket"},
	} {
		if w := o.browse(t, says("ok"), headers...); w.Code != 200 || w.Header()["Set-Cookie"] != nil || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: %d %v", what, w.Code, w.Header())
		}
	}
	if w := o.serve(t, asking("GET", "/x", "Cookie", "__Host-doorward="+browser)); w.Code != 200 || w.Header()["Set-Cookie"] != nil {
		t.Errorf("without TLS, from elsewhere: %d %v", w.Code, w.Header())
	}
	o.Require = []*Require{{demand: authcore.Demand{Groups: []string{"admins"}}}}
	if w := o.browse(t, says("ok"), "Cookie", "__Host-doorward="+browser); w.Code != 403 || w.Header()["Set-Cookie"] != nil {
		t.Errorf("refused: %d %v", w.Code, w.Header())
	}
}

// A cache that kept an answer with a token would give the session to others: none
// may, whatever the app allows and however it writes.
func TestRenewedAnswerIsKeptByNoCache(t *testing.T) {
	o := guard(t, new(Gate))
	token := o.signIn(t, "bob", authcore.DoorPortal)
	o.clock.Turn(half)
	public := func(w http.ResponseWriter) {
		for name, value := range map[string]string{
			"Cache-Control": "public, max-age=3600", "CDN-Cache-Control": "max-age=60", "Cloudflare-CDN-Cache-Control": "max-age=60",
			"Surrogate-Control": "max-age=60", "Expires": "Thu, 01 Jan 2037 00:00:00 GMT", "X-Accel-Expires": "60", "ETag": `"1"`,
		} {
			w.Header().Set(name, value)
		}
		w.Header().Set("Set-Cookie", "theme=dark")
	}
	for how, app := range map[string]http.HandlerFunc{
		"WriteHeader": func(w http.ResponseWriter, _ *http.Request) { public(w); w.WriteHeader(http.StatusNotFound) },
		"Write":       func(w http.ResponseWriter, _ *http.Request) { public(w); _, _ = io.WriteString(w, "ok") },
		"ReadFrom": func(w http.ResponseWriter, _ *http.Request) {
			public(w)
			_, _ = w.(io.ReaderFrom).ReadFrom(strings.NewReader("ok"))
		},
		"Flush":      func(w http.ResponseWriter, _ *http.Request) { public(w); w.(http.Flusher).Flush() },
		"by control": func(w http.ResponseWriter, _ *http.Request) { public(w); _ = http.NewResponseController(w).Flush() },
		"not at all": func(w http.ResponseWriter, _ *http.Request) { public(w) },
		"early hints": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			clear(w.Header())
			public(w)
			w.WriteHeader(200)
		},
		"twice": func(w http.ResponseWriter, _ *http.Request) {
			public(w)
			w.WriteHeader(200)
			_, _ = io.WriteString(w, "ok")
		},
	} {
		w := o.browse(t, app, "Cookie", "__Host-doorward="+token)
		h := w.Result().Header
		if how == "not at all" || how == "early hints" { // a recorder takes these for the last
			h = w.Header()
		}
		if h.Get("Cache-Control") != "private, no-store" || h.Get("Etag") != `"1"` || len(h["Set-Cookie"]) != 2 || h["Set-Cookie"][0] != "theme=dark" ||
			!strings.HasPrefix(h["Set-Cookie"][1], "__Host-doorward=ey") {
			t.Errorf("%s: %v", how, h)
		}
		for name := range h {
			if strings.Contains(name, "Cdn") || name == "Surrogate-Control" || name == "Expires" || name == "X-Accel-Expires" {
				t.Errorf("%s: %s is left", how, name)
			}
		}
	}
}

// An error is answered by the routes for errors, which write past us and may let a
// cache keep what they say: no token goes with it.
func TestErrorRenewsNothing(t *testing.T) {
	o := guard(t, new(Gate))
	token := o.signIn(t, "bob", authcore.DoorPortal)
	o.clock.Turn(half)
	must(t, o.live.Refresh(t.Context(), o.store, o.clock.Now()))
	r := httptest.NewRequest(http.MethodGet, "https://gate/x", nil)
	r.TLS = new(tls.ConnectionState)
	r.Header.Set("Cookie", "__Host-doorward="+token)
	w := httptest.NewRecorder()
	failed := errors.New("no such file")
	ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{})
	err := o.ServeHTTP(w, r.WithContext(ctx), caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { return failed }))
	if !errors.Is(err, failed) || w.Header()["Set-Cookie"] != nil {
		t.Errorf("%v %v", err, w.Header())
	}
}

// What the app finds below the wrapper is what it would find without it.
func TestRenewingPassesOn(t *testing.T) {
	below := &hijackable{ResponseRecorder: httptest.NewRecorder()}
	w := &renewing{&caddyhttp.ResponseWriterWrapper{ResponseWriter: below}, []*http.Cookie{{Name: "a", Value: "b"}}}
	if n, err := w.ReadFrom(bytes.NewReader(make([]byte, 70_000))); n != 70_000 || err != nil || below.Body.Len() != 70_000 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now()); !errors.Is(err, errDeadline) {
		t.Errorf("the deadline: %v", err)
	}
	if err := w.FlushError(); err != nil || !below.Flushed {
		t.Errorf("flushed: %v %v", below.Flushed, err)
	}
}

type hijackable struct{ *httptest.ResponseRecorder }

var errDeadline = errors.New("asked")

func (*hijackable) SetWriteDeadline(time.Time) error { return errDeadline }

// Section 4: whoever works at a site with an audience of its own is not idle at the
// others: both cookies are renewed, each with its token of the one session.
func TestRenewOfOneLogin(t *testing.T) {
	o := guardWith(t, &Gate{}, func(c *authcore.Options) { c.OneLogin = true })
	o.browser.Domain = "example.com"
	shared := o.signIn(t, "bob", authcore.DoorPortal)
	p, err := o.core.Gatekeeper.Authenticate(t.Context(), shared, "doorward")
	must(t, err)
	own, err := o.core.Gatekeeper.Carry(t.Context(), p, "own")
	must(t, err)
	o.Audience = "own"
	o.clock.Turn(half)
	w := o.browse(t, says("ok"), "Cookie", "__Host-doorward="+own+"; __Secure-doorward="+shared)
	cookies := w.Result().Cookies()
	if len(cookies) != 2 || cookies[0].Name != "__Host-doorward" || cookies[0].Domain != "" || cookies[1].Name != "__Secure-doorward" || cookies[1].Domain != "example.com" {
		t.Fatalf("%d %v", w.Code, cookies)
	}
	for i, audience := range []string{"own", "doorward"} {
		for _, other := range []string{"own", "doorward", "*"} {
			renewed, err := o.core.Gatekeeper.Authenticate(t.Context(), cookies[i].Value, other)
			if (err == nil) != (other == audience) || err == nil && renewed.SessionID != p.SessionID {
				t.Errorf("%s for %s: %v", cookies[i].Name, other, err)
			}
		}
	}
}
