package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap/zapcore"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// formed is a dialect whose errors have the form of the request.
type formed struct{ fake }

func (f formed) Route(method, path string) (dialect.Route, bool) {
	route, ok := f.fake.Route(method, path)
	route.Fail = func(w http.ResponseWriter, r *http.Request, err error) {
		dialect.Write(w, http.StatusTeapot, "text/plain", []byte(r.Method+": "+err.Error()))
	}
	return route, ok
}

// A route that knows its form answers every error, one that came before it was
// served among them.
func TestFailOfRoute(t *testing.T) {
	a := newAPI(zapcore.NewNopCore(), nil)
	a.dialects = []dialect.Dialect{formed{fake{func(http.ResponseWriter, *dialect.Call) error { panic("served") }}}}
	for body, want := range map[string]string{"{}": "POST: internal error", strings.Repeat("x", 8193): "POST: the body is too large"} {
		w := httptest.NewRecorder()
		err := a.ServeHTTP(w, request("POST", "https://gate/fake/1", strings.NewReader(body), map[string]any{}), caddyhttp.HandlerFunc(nil))
		if err != nil || w.Code != http.StatusTeapot || w.Body.String() != want {
			t.Errorf("%v, %d %s", err, w.Code, w.Body)
		}
	}
}
