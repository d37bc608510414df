package api

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// fake is a dialect with one route, /fake/CODE.
type fake struct {
	serve func(http.ResponseWriter, *dialect.Call) error
}

func (f fake) Route(_, path string) (dialect.Route, bool) {
	return dialect.Route{Name: "fake/{code}", Serve: f.serve}, strings.HasPrefix(path, "/fake/")
}

func (fake) WriteError(w http.ResponseWriter, err error) {
	table := dialect.Table{authcore.CodeInternal: {Status: 500}, authcore.CodeInvalid: {Status: 400}, authcore.CodeForbidden: {Status: 403}}
	w.WriteHeader(table.Find(w, err).Status)
}

var _ dialect.Dialect = fake{}

func newAPI(core zapcore.Core, serve func(http.ResponseWriter, *dialect.Call) error) *API {
	return &API{
		dialects: []dialect.Dialect{fake{serve}}, log: zap.New(core),
		core: func(context.Context) (*authcore.Core, error) { return new(authcore.Core), nil },
	}
}

// request is what Caddy's server would hand on.
func request(method, target string, body io.Reader, vars map[string]any) *http.Request {
	r := httptest.NewRequest(method, target, body)
	ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, vars)
	return r.WithContext(context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}))
}

// REL-04, law 1: a panic in a dialect is a 500 in its form, and says nothing of
// the code. LOG-01: the access log is skipped, and our line has no URL.
func TestPanicIsAnError(t *testing.T) {
	logged, lines := observer.New(zapcore.DebugLevel)
	a := newAPI(logged, func(http.ResponseWriter, *dialect.Call) error { panic("at the disco") })
	vars := map[string]any{}
	w := httptest.NewRecorder()
	err := a.ServeHTTP(w, request("POST", "https://gate/fake/123456", nil, vars), caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
		t.Error("the next handler was asked")
		return nil
	}))
	if err != nil || w.Code != http.StatusInternalServerError || vars[caddyhttp.LogSkipVar] != true {
		t.Errorf("%v, %d, %v", err, w.Code, vars)
	}
	if all := lines.All(); len(all) != 2 || all[0].Message != "panic" || all[1].Message != "handled" {
		t.Fatalf("%+v", all)
	}
	for _, line := range lines.All() {
		for _, field := range line.Context {
			if field.Type == zapcore.StringType && strings.Contains(field.String, "123456") {
				t.Errorf("the log shows the code in %s", field.Key)
			}
		}
	}
}

// LOG-01, M21: however a path is spelled, one reading that is a route makes it
// ours, so that Caddy's log does not show the code.
func TestOddSpellingsAreOurs(t *testing.T) {
	for target, want := range map[string]bool{
		"https://gate/fake/1": true, "https://gate//fake/1": true, "https://gate/./fake//1": true, "https://gate/x/../fake/1": true,
		"https://gate/fake;a=b/1": true, `https://gate/fake%5c1`: true, "https://gate/%2566ake/1": true, "https://gate/fake%2f1": true,
		"https://gate/fakes/1": false, "https://gate/x?/fake/1": false, "https://gate/x/fake/1": false,
	} {
		t.Run(target, func(t *testing.T) {
			served := false
			a := newAPI(zapcore.NewNopCore(), func(http.ResponseWriter, *dialect.Call) error { served = true; return nil })
			vars := map[string]any{}
			err := a.ServeHTTP(httptest.NewRecorder(), request("POST", target, nil, vars), caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { return nil }))
			if err != nil || served != want || (vars[caddyhttp.LogSkipVar] == true) != want {
				t.Errorf("served: %v, %v, %v", served, vars, err)
			}
		})
	}
}

// OTP-15: over plain HTTP, from another machine, not even the body is read.
func TestPlainHTTP(t *testing.T) {
	for name, c := range map[string]struct {
		target, remote string
		vars           map[string]any
		proto          string
		want           int // 200 is over TLS
	}{
		"plain":                         {"http://gate/fake/1", "198.51.100.1:1", nil, "", 403},
		"plain, and says it is not":     {"http://gate/fake/1", "198.51.100.1:1", nil, "https", 403},
		"TLS":                           {"https://gate/fake/1", "198.51.100.1:1", nil, "http", 200},
		"a trusted proxy with TLS":      {"http://gate/fake/1", "198.51.100.1:1", map[string]any{caddyhttp.TrustedProxyVarKey: true}, "https", 200},
		"a trusted proxy without":       {"http://gate/fake/1", "198.51.100.1:1", map[string]any{caddyhttp.TrustedProxyVarKey: true}, "http", 403},
		"a trusted proxy that is quiet": {"http://gate/fake/1", "198.51.100.1:1", map[string]any{caddyhttp.TrustedProxyVarKey: true}, "", 403},
		"loopback to another address":   {"http://gate/fake/1", "127.0.0.1:1", nil, "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			served := false
			a := newAPI(zapcore.NewNopCore(), func(_ http.ResponseWriter, call *dialect.Call) error {
				served = true
				if !call.Encrypted {
					t.Error("the dialect is told that it is not encrypted")
				}
				return nil
			})
			if c.vars == nil {
				c.vars = map[string]any{}
			}
			body := strings.NewReader("{}")
			r := request("POST", c.target, body, c.vars)
			r.RemoteAddr = c.remote
			r.Header.Set("X-Forwarded-Proto", c.proto)
			w := httptest.NewRecorder()
			if err := a.ServeHTTP(w, r, nil); err != nil || w.Code != c.want || served != (c.want == 200) || served == (body.Len() > 0) {
				t.Errorf("%v, %d, served: %v, %d bytes left", err, w.Code, served, body.Len())
			}
		})
	}
}
