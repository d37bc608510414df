package onlyoffice

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

func provisioned(t testing.TB, o OnlyOffice) *OnlyOffice {
	t.Helper()
	if err := o.Provision(caddy.Context{}); err != nil {
		t.Fatal(err)
	}
	return &o
}

// Another prefix is the only one.
func TestPrefix(t *testing.T) {
	o := provisioned(t, OnlyOffice{Prefix: "/portal/api/2.0"})
	for path, want := range map[string]bool{
		"/portal/api/2.0/authentication/123456": true, "/PORTAL/api/2.0/authentication": true,
		"/api/2.0/authentication/123456": false, "/portal/api/2.0authentication": false, "/portal/api/2.0": false, "/portal/api/2.0/": false,
	} {
		if _, ok := o.Route(http.MethodPost, path); ok != want {
			t.Errorf("%s: %v", path, ok)
		}
	}
}

// Every spelling that a portal takes, by name, and what is nobody's here.
func TestRouteTable(t *testing.T) {
	for _, c := range []struct {
		method, path, name, beside string // beside: the name beside a portal
	}{
		{"POST", "authentication", "authentication", "authentication"},
		{"GET", "authentication", "authentication", "authentication"},
		{"POST", "Authentication.JSON/", "authentication", "authentication"},
		{"POST", "authentication.xml", "authentication", "authentication"},
		{"POST", "authentication/", "authentication", "authentication"},
		{"POST", "authentication/123456", "authentication/{code}", "authentication/{code}"},
		{"POST", "authentication/123456.xml/", "authentication/{code}", "authentication/{code}"},
		{"POST", "authentication/ABC-_9.tml", "authentication/{code}", "authentication/{code}"},
		{"POST", "authentication.json/123456", "authentication/{code}", "authentication/{code}"},
		{"POST", "authentication/.json", "authentication/{code}", "authentication/{code}"},
		{"POST", "authentication/123456/x", "authentication/{code}/", "authentication/{code}/"},
		{"POST", "authentication/setphone/123456", "authentication/{code}/", "authentication/{code}/"},
		{"POST", "AUTHENTICATION/SetPhone.json", "authentication/setphone", "authentication/setphone"},
		{"POST", "authentication/sendsms", "authentication/sendsms", "authentication/sendsms"},
		{"POST", "authentication/logout.json", "authentication/logout", "authentication/logout"},
		{"POST", "authentication/confirm", "authentication/confirm", "authentication/confirm"},
		{"POST", "authentication/Login", "authentication/login", "authentication/login"},
		{"POST", "authentication/register.json", "authentication/register", "authentication/register"},
		{"GET", "confirm/TfaAuth", "confirm", "confirm"},
		{"POST", "confirm", "confirm", "confirm"},
		{"GET", "capabilities.json", "capabilities", ""},
		{"GET", "People/@Self.json", "people/@self", ""},
		{"GET", "settings/version/build", "settings/version/build", ""},
		{"GET", "settings/tfaapp", "settings/tfaapp", ""},
		{"PUT", "settings/tfaapp.xml", "settings/tfaapp", ""},
		{"GET", "settings/tfaapp/setup", "settings/tfaapp/setup", ""},
		{"POST", "settings/tfaapp/validate", "settings/tfaapp/validate", ""},
		{"GET", "settings/tfaappcodes", "settings/tfaappcodes", ""},
		{"PUT", "settings/tfaappnewcodes", "settings/tfaappnewcodes", ""},
		{"PUT", "settings/tfaappnewapp", "settings/tfaappnewapp", ""},
		{"GET", "people", "", ""},
		{"GET", "people/@self/x", "", ""},
		{"GET", "settings", "", ""},
		{"GET", "files/@my", "", ""},
		{"POST", "authentications/123456", "", ""},
	} {
		for beside, want := range map[bool]string{false: c.name, true: c.beside} {
			route, ok := provisioned(t, OnlyOffice{BesidePortal: beside}).Route(c.method, "/API/2.0/"+c.path)
			if ok != (want != "") || route.Name != want {
				t.Errorf("%s %s, beside a portal: %v: %q, want %q", c.method, c.path, beside, route.Name, want)
			}
		}
	}
}

// A code is what stands last, without the extension.
func TestCodeOfPath(t *testing.T) {
	for path, code := range map[string]string{
		"123456": "123456", "123456.json": "123456", "123456.XML/": "123456", "aB-_9z.tml": "aB-_9z", "": "", ".json": "", "123456.txt": "123456.txt",
	} {
		got := "?"
		o := provisioned(t, OnlyOffice{})
		r, ok := o.Route(http.MethodPost, "/api/2.0/authentication.json/"+path)
		if ok && r.Name == "authentication/{code}" {
			got = o.find(http.MethodPost, "/api/2.0/authentication.json/"+path).code
		}
		if path == "" {
			code = "?" // that is authentication itself
		}
		if got != code {
			t.Errorf("%q: %q", path, got)
		}
	}
}

// LOG-01: the name of a route is what the log shows. It never has a part of the
// path, and whatever has a code below authentication, or a ticket, is a route.
func FuzzRoute(f *testing.F) {
	for _, path := range []string{
		"/api/2.0/authentication", "/api/2.0/authentication/123456", "/API/2.0/Authentication/123456.JSON/", "/api/2.0/authentication/setphone",
		"/api/2.0/authentication.json/123456", "/api/2.0/authentication//1", "/api/2.0/authentication/123456/x", "/api/2.0", "", "/api/2.0/authentication/.json",
		"/api/2.0/confirm/TfaAuth", "/api/2.0/people/@self", "/api/2.0/settings/tfaapp.xml", "/api/2.0/settings/tfaapp/setup/", "/api/2.0/confirm.xml", "/api/2.0/\u212aonfirm/1",
	} {
		for _, method := range []string{"POST", "GET", "PUT"} {
			f.Add(method, path, false)
			f.Add(method, path, true)
		}
	}
	names := []string{"authentication/{code}", "authentication/{code}/", "confirm"}
	for name := range routes {
		names = append(names, name)
	}
	doors := map[bool]*OnlyOffice{false: provisioned(f, OnlyOffice{}), true: provisioned(f, OnlyOffice{BesidePortal: true})}
	f.Fuzz(func(t *testing.T, method, path string, beside bool) {
		route, ok := doors[beside].Route(method, path)
		if ok != (route.Serve != nil) || ok != (route.Fail != nil) || ok != slices.Contains(names, route.Name) {
			t.Fatalf("%q: %v %q", path, ok, route.Name)
		}
		for _, below := range []string{"/api/2.0/authentication", "/api/2.0/confirm"} {
			if hasPath(path, below) && !ok {
				t.Fatalf("%q may have a secret and is not ours", path)
			}
		}
		if ok && beside && !strings.HasPrefix(route.Name, "authentication") && route.Name != "confirm" {
			t.Fatalf("%q is the portal's own", path)
		}
	})
}

func hasPath(path, folder string) bool {
	return len(path) > len(folder) && strings.EqualFold(path[:len(folder)], folder) && path[len(folder)] == '/'
}
