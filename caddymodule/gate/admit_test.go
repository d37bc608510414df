package gate

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// Law 8: what a later handler does to the headers of one request, as request_header
// does in place, shows in no other request of that session.
func TestHeadersAreOfOneRequest(t *testing.T) {
	o := guard(t, new(Gate))
	for range 2 {
		r := httptest.NewRequest(http.MethodGet, "/x", nil)
		r.Header.Set("Authorization", o.token)
		ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{})
		passed := false
		must(t, o.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx), caddyhttp.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) error {
			passed = true
			if got := r.Header.Get("Remote-User"); got != "alice" {
				t.Errorf("Remote-User is %q", got)
			}
			r.Header["Remote-User"] = append(r.Header["Remote-User"], "root")
			if got := r.Header.Get("Remote-Name"); got != "alice" {
				t.Errorf("after another header was added to, Remote-Name is %q", got)
			}
			for _, name := range []string{"Remote-User", "Remote-Name"} {
				r.Header[name][0] = "mallory"
			}
			return nil
		})))
		if !passed {
			t.Fatal("the request is refused")
		}
	}
}
