package onlyoffice

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// Section 3: a dialect answers every code of the core.
func TestTableIsComplete(t *testing.T) {
	if missing := table.Missing(); len(missing) > 0 {
		t.Errorf("no row for %q", missing)
	}
	for _, code := range authcore.Codes() {
		w := httptest.NewRecorder()
		new(OnlyOffice).WriteError(w, authcore.Errorf(code, "why"))
		if w.Code < 400 || !strings.HasPrefix(w.Body.String(), `{"status":1,"statusCode":`) || strings.Contains(w.Body.String(), `"response"`) {
			t.Errorf("%s: %d %s", code, w.Code, w.Body)
		}
	}
}

func provisioned(t testing.TB, prefix string) *OnlyOffice {
	t.Helper()
	o := &OnlyOffice{Prefix: prefix}
	if err := o.Provision(caddy.Context{}); err != nil {
		t.Fatal(err)
	}
	return o
}

// Another prefix is the only one.
func TestPrefix(t *testing.T) {
	o := provisioned(t, "/portal/api/2.0")
	for path, want := range map[string]bool{
		"/portal/api/2.0/authentication/123456": true, "/PORTAL/api/2.0/authentication": true,
		"/api/2.0/authentication/123456": false, "/portal/api/2.0authentication": false, "/portal/api/2.0": false, "/portal/api/2.0/": false,
	} {
		if _, ok := o.Route(http.MethodPost, path); ok != want {
			t.Errorf("%s: %v", path, ok)
		}
	}
	for _, prefix := range []string{"api", "/api/", "/", "/.doorward/x", "/a//b", "/a/./b", "/a b", "/a*", "/{x}", "/a;b", `/a\b`, "/a%20"} {
		if err := (&OnlyOffice{Prefix: prefix}).Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), "'"+prefix+"'") {
			t.Errorf("%q gives %v", prefix, err)
		}
	}
}

// LOG-01: the name of a route is what the log shows. It never has a part of the
// path, and whatever has a code below authentication is a route.
func FuzzRoute(f *testing.F) {
	for _, path := range []string{
		"/api/2.0/authentication", "/api/2.0/authentication/123456", "/API/2.0/Authentication/123456.JSON/", "/api/2.0/authentication/setphone",
		"/api/2.0/authentication.json/123456", "/api/2.0/authentication//1", "/api/2.0/authentication/123456/x", "/api/2.0", "", "/api/2.0/authentication/.json",
	} {
		f.Add("POST", path)
		f.Add("GET", path)
	}
	o := provisioned(f, "")
	names := map[string]bool{"authentication": true, "authentication/{code}": true, "authentication/{code}/": true}
	f.Fuzz(func(t *testing.T, method, path string) {
		route, ok := o.Route(method, path)
		if ok != (route.Serve != nil) || ok != names[route.Name] {
			t.Fatalf("%q: %v %q", path, ok, route.Name)
		}
		const below = "/api/2.0/authentication/"
		if len(path) > len(below) && strings.EqualFold(path[:len(below)], below) {
			code, _, _ := strings.Cut(strings.TrimSuffix(path[len(below):], "/"), "/")
			if code = cutJSON(code); code != "" && !reserved[strings.ToLower(code)] && !ok {
				t.Fatalf("%q has a code and is not ours", path)
			}
		}
		if ok && method != http.MethodPost && route.Name == "authentication" {
			t.Fatalf("%s %q is the portal's own", method, path)
		}
	})
}

var _ dialect.Dialect = (*OnlyOffice)(nil)
