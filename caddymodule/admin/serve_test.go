package admin

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

func TestRequestsThatReachNoCore(t *testing.T) {
	routes := new(API).Routes()
	if len(routes) != 1 || routes[0].Pattern != "/doorward/" {
		t.Fatalf("routes %v", routes)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		message            string
	}{
		{"POST", "/doorward/user/list", "{}", 503, "Caddy is still starting"},
		{"GET", "/doorward/user/list", "", 405, "only POST"},
		{"DELETE", "/doorward/user/remove", "{}", 405, "only POST"},
		{"POST", "/doorward/user/invent", "{}", 404, "no such operation"},
		{"POST", "/doorward/", "{}", 404, "no such operation"},
		{"POST", "/doorward/user/list/", "{}", 404, "no such operation"},
		{"POST", "/doorward/user/show/alice", "{}", 404, "no such operation"},
		{"POST", "/doorward/user/add", strings.Repeat(" ", 64<<10+1), 413, "larger than 65536 bytes"},
		{"POST", "/doorward/device/import/stage", strings.Repeat(" ", 512<<10), 503, "Caddy is still starting"},
		{"POST", "/doorward/device/import/stage", strings.Repeat(" ", 512<<10+1), 413, "larger than 524288 bytes"},
	} {
		gone, leave := context.WithCancel(t.Context())
		leave() // nobody waits here for Caddy's start to end
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(gone, c.method, c.path, strings.NewReader(c.body))
		err := routes[0].Handler.ServeHTTP(w, r)
		var api caddy.APIError
		if !errors.As(err, &api) || api.HTTPStatus != c.status || !strings.Contains(api.Message, c.message) {
			t.Errorf("%s %s: %+v", c.method, c.path, err)
		}
		if allow := w.Header().Get("Allow"); (allow == http.MethodPost) != (c.status == 405) {
			t.Errorf("%s %s: Allow %q", c.method, c.path, allow)
		}
	}
}

func TestAnswers(t *testing.T) {
	w := httptest.NewRecorder()
	if err := write(w, DeviceWithSecret{URI: "otpauth://totp/a?b=1&c=2"}); err != nil {
		t.Fatal(err)
	}
	if got := w.Body.String(); !strings.Contains(got, `"uri":"otpauth://totp/a?b=1&c=2"}`+"\n") {
		t.Errorf("body %s", got)
	}
	if h := w.Header(); h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", h)
	}
}
