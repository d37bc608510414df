package gate

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/authcore"
)

// Section 3: the gate answers every code of the core, and none lets through.
func TestTableIsComplete(t *testing.T) {
	if missing := table.Missing(); len(missing) > 0 {
		t.Errorf("no row for %q", missing)
	}
	for code, row := range table {
		if row.Status < 400 || row.Code == "" || row.Code == "0" {
			t.Errorf("%s: %+v", code, row)
		}
	}
}

// RFC 8441, RFC 9220: a WebSocket over HTTP/2 or 3 is a CONNECT with a protocol.
// It is refused for want of a login, any other CONNECT for what it is.
func TestExtendedConnect(t *testing.T) {
	o := guard(t, new(Gate))
	for name, c := range map[string]struct {
		major           int
		proto, protocol string
		anonymous, with int
	}{
		"over HTTP/2":                {2, "HTTP/2.0", "websocket", 401, 200},
		"over HTTP/3":                {3, "websocket", "", 401, 200},
		"another over HTTP/2":        {2, "HTTP/2.0", "connect-udp", 405, 405},
		"another over HTTP/3":        {3, "connect-udp", "", 405, 405},
		"plain over HTTP/2":          {2, "HTTP/2.0", "", 405, 405},
		"plain over HTTP/3":          {3, "HTTP/3.0", "", 405, 405},
		"a header of this name in 1": {1, "HTTP/1.1", "websocket", 405, 405},
	} {
		t.Run(name, func(t *testing.T) {
			for want, token := range map[int]string{c.anonymous: "", c.with: o.token} {
				r := httptest.NewRequest(http.MethodConnect, "https://gate/ws", nil)
				r.ProtoMajor, r.Proto = c.major, c.proto
				if c.anonymous == c.with {
					token = o.token
				}
				r.Header.Set("Accept", "text/html") // and it is no navigation
				if c.protocol != "" {
					r.Header[":protocol"] = []string{c.protocol}
				}
				if token != "" {
					r.Header.Set("Authorization", token)
				}
				hits := o.hits
				w := o.serve(t, r)
				if w.Code != want || o.hits > hits != (want == 200) || want == 401 && w.Header().Get("Content-Type") != "application/problem+json" {
					t.Errorf("%d, want %d: %v", w.Code, want, w.Header())
				}
			}
		})
	}
}

// Law 1, REL-01, REL-04: whatever goes wrong in a check refuses, and the app is
// not contacted.
func TestFailuresRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		core func(context.Context) (*authcore.Core, error)
		want int
	}{
		"a panic":            {func(context.Context) (*authcore.Core, error) { panic("at the disco") }, 500},
		"a foreign error":    {func(context.Context) (*authcore.Core, error) { return nil, errors.New("what") }, 500},
		"the store is away":  {func(context.Context) (*authcore.Core, error) { return nil, authcore.Unavailable(nil) }, 503},
		"a core without any": {func(context.Context) (*authcore.Core, error) { return nil, nil }, 500},
		"a core of zeros":    {func(context.Context) (*authcore.Core, error) { return new(authcore.Core), nil }, 500},
	} {
		t.Run(name, func(t *testing.T) {
			g := new(Gate)
			g.setUp(t, nil)
			g.core = c.core
			r := httptest.NewRequest("GET", "/x", nil)
			r.Header.Set("Authorization", "Bearer a.b.c")
			r = r.WithContext(context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{}))
			w := httptest.NewRecorder()
			err := g.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
				t.Error("the app was asked")
				return nil
			}))
			if err != nil || w.Code != c.want {
				t.Errorf("%d %v", w.Code, err)
			}
		})
	}
}

// A matcher that fails is a check that failed: the request is refused, open path
// and token or not.
func TestFailingMatcherRefuses(t *testing.T) {
	o := guard(t, &Gate{Open: []authcore.OpenPath{"/*"}, Require: []*Require{{Groups: []string{"admins"}}}})
	o.Require[0].matchers = caddyhttp.MatcherSets{{failing{}}}
	if w := o.get(t); w.Code != 500 || o.hits != 0 {
		t.Errorf("%d, %d hits", w.Code, o.hits)
	}
}

type failing struct{}

func (failing) MatchWithError(*http.Request) (bool, error) { return false, errors.New("broken") }
