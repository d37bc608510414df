package integration

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

var navigation = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}

// SES-04, section 4: a browser is out after half an hour without use, one that is
// used is given a new token with an answer that no cache may keep, and a fresh one
// none.
func TestBrowsersTokenIsRenewed(t *testing.T) {
	app := newBackend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Header().Set("Expires", "Thu, 01 Jan 2037 00:00:00 GMT")
		w.Header().Add("Set-Cookie", "theme=dark")
		if r.URL.Path == "/hints" {
			w.WriteHeader(http.StatusEarlyHints)
		}
		_, _ = io.WriteString(w, "ok")
	})
	d, tokens := openToBrowsers(t, app, caddyfile("", "", "reverse_proxy "+app.Listener.Addr().String()), false, 31*time.Minute, 16*time.Minute, 0)
	over, used, fresh := "doorward="+tokens[0], "doorward="+tokens[1], "doorward="+tokens[2]

	d.mustRefuse(t, "/", "Cookie", over)
	if status, _, h := d.do(http.MethodGet, "/x?y", "", append(navigation, "Cookie", over)...); status != http.StatusSeeOther || h.Get("Location") != "/.doorward/sign-in?to=%2Fx%3Fy" {
		t.Errorf("after half an hour a page gives %d %v", status, h)
	}
	status, _, h := d.do(http.MethodGet, "/", "", "Cookie", fresh)
	if status != http.StatusOK || len(h["Set-Cookie"]) != 1 || h.Get("Cache-Control") != "public, max-age=3600" || h.Get("Expires") == "" {
		t.Errorf("a fresh one: %d %v", status, h)
	}
	for _, path := range []string{"/", "/hints"} {
		status, _, h = d.do(http.MethodGet, path, "", "Cookie", used)
		if status != http.StatusOK || len(h["Set-Cookie"]) != 2 || h.Get("Cache-Control") != "private, no-store" || h["Expires"] != nil {
			t.Fatalf("%s, used after half of its time: %d %v", path, status, h)
		}
		renewed, attributes, _ := strings.Cut(h["Set-Cookie"][1], ";")
		if attributes != " Path=/; HttpOnly; SameSite=Lax" || renewed == used {
			t.Errorf("%s", attributes)
		}
		if status, _, h := d.do(http.MethodGet, "/", "", "Cookie", renewed); status != http.StatusOK || len(h["Set-Cookie"]) != 1 {
			t.Errorf("with the new one: %d %v", status, h)
		}
	}
	if _, _, h := d.do(http.MethodGet, "/", "", "Authorization", tokens[1]); len(h["Set-Cookie"]) != 1 {
		t.Errorf("in Authorization: %v", h)
	}
}

// SES-11: an open WebSocket is use, and could be given no new cookie: it outlives
// the token that it was opened with.
func TestStreamOutlivesTheTokenOfABrowser(t *testing.T) {
	app := streaming(t)
	d, tokens := openToBrowsers(t, app, caddyfile("", "", "reverse_proxy "+app.Listener.Addr().String()), false, 30*time.Minute-6*time.Second)
	ws, sse := d.socket(tokens[0]), d.feed(tokens[0])
	ws.echoes("hello")
	pollUntil(t, 20*time.Second, "the token is over", func() bool {
		status, _ := d.get("/", "Authorization", tokens[0])
		return status == http.StatusUnauthorized
	})
	for range 3 { // the sweep is four times a second
		ws.echoes("still here")
		sse.flows(15)
	}
}
