package surepassid

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// OPS-01: every word has its meaning or an error that quotes it.
func TestOptions(t *testing.T) {
	for block, want := range map[string]string{
		"":                               `{}`,
		"path /mfa/U2FServer.aspx":       `{"path":"/mfa/U2FServer.aspx"}`,
		"verbose_errors":                 `{"verbose_errors":true}`,
		"verbose_errors\npath /x":        `{"path":"/x","verbose_errors":true}`,
		"verbose_errors yes":             "unexpected argument 'yes': 'verbose_errors' takes none",
		"verbose_errors\nverbose_errors": "'verbose_errors' is already specified",
		"path":                           "'path' takes one path, like /AuthServer/REST/U2F/U2FServer.aspx",
		"path /a /b":                     "'path' takes one path",
		"path /a\npath /b":               "'path' is already specified",
		"path a":                         "path 'a' is not a path like",
		"path /":                         "path '/' is not a path like",
		"path /.doorward/x":              "path '/.doorward/x' is not a path like",
		"pth /a":                         "unrecognized option 'pth' of 'api surepassid': path, verbose_errors",
	} {
		s := new(SurePassID)
		err := s.UnmarshalCaddyfile(caddyfile.NewTestDispenser("surepassid {\n" + block + "\n}"))
		got, _ := json.Marshal(s)
		if refused := !strings.HasPrefix(want, "{"); refused != (err != nil) || !refused && string(got) != want || refused && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %s, %v", block, got, err)
		}
	}
	if err := new(SurePassID).UnmarshalCaddyfile(caddyfile.NewTestDispenser("surepassid /x")); err == nil || !strings.Contains(err.Error(), "unexpected argument '/x'") {
		t.Error(err)
	}
	for _, path := range []string{"x", "/x/", "/x//y", "/x/../y", "/{y}", "/x y", "/x*", "/x;y", `/x\y`, "/x%20", "/.doorward/x", "/.DoorWard"} {
		if err := (&SurePassID{Path: path}).Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), "'"+path+"'") {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// The endpoint is one path, in any case, and what is below it is ours, pictures or
// not. All else goes to the gate.
func TestRoutes(t *testing.T) {
	s := new(SurePassID)
	if err := s.Provision(caddy.Context{}); err != nil {
		t.Fatal(err)
	}
	const picture = "surepassid/qrcode/{token}"
	for path, want := range map[string]string{
		"/AuthServer/REST/U2F/U2FServer.aspx": "surepassid", "/authserver/rest/u2f/u2fserver.ASPX": "surepassid",
		"/AuthServer/REST/U2F/U2FServer.aspx/": "surepassid", "/AuthServer/REST/U2F/U2FServer.aspx//": "surepassid", "/AuthServer/REST/U2F/U2FServer.aspx2": "", "/AuthServer/REST/U2F/U2FServer.asp": "",
		"/AuthServer/REST/U2F": "", "/": "", "": "", "/x/AuthServer/REST/U2F/U2FServer.aspx": "",
		"/AuthServer/REST/U2F/U2FServer.aspx/qrcode/ABC": picture, "/authserver/rest/u2f/u2fserver.aspx/QRCODE/ABC": picture,
		"/AuthServer/REST/U2F/U2FServer.aspx/qrcode/": picture, "/AuthServer/REST/U2F/U2FServer.aspx/qrcode/A/B": picture,
		"/AuthServer/REST/U2F/U2FServer.aspx/qrcode": "surepassid", "/AuthServer/REST/U2F/U2FServer.aspx/x/ABC": "surepassid",
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodHead, http.MethodDelete} {
			if route, ok := s.Route(method, path); route.Name != want || ok != (want != "") {
				t.Errorf("%s %s: %q, %v", method, path, route.Name, ok)
			}
		}
	}
}

// What an integrator may be allowed is what there is, by its own name.
func TestOperations(t *testing.T) {
	of := new(SurePassID).Operations()
	if len(of) != 25 || !slices.IsSorted(of) {
		t.Errorf("%d: %q", len(of), of)
	}
	for alias, name := range aliases {
		if operationOf(strings.ToUpper(alias)) != name || !slices.Contains(of, name) || slices.Contains(of, alias) {
			t.Errorf("%s is not %s", alias, name)
		}
	}
	for name := range unserved {
		if operationOf(name) != "" {
			t.Errorf("%s is served and refused", name)
		}
	}
}
