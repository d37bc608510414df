package elcoin

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
		"":                                       `{}`,
		"prefix /bank":                           `{"prefix":"/bank"}`,
		"always_200\nrequire_nonce\nprefix /a/b": `{"prefix":"/a/b","always_200":true,"require_nonce":true}`,
		"allow_dev_skip 127.0.0.0/8 2001:db8::/32":    `{"allow_dev_skip":["127.0.0.0/8","2001:db8::/32"]}`,
		"allow_dev_skip ::1/128\nallow_dev_skip ::/0": `{"allow_dev_skip":["::1/128","::/0"]}`,
		"allow_dev_skip":                     "'allow_dev_skip' takes the networks from which no call need be signed",
		"allow_dev_skip 127.0.0.1":           "allow_dev_skip '127.0.0.1' is not a network like",
		"allow_dev_skip 127.0.0.1/8":         "allow_dev_skip '127.0.0.1/8' is not a network like",
		"allow_dev_skip all":                 "allow_dev_skip 'all' is not a network like",
		"allow_dev_skip ::ffff:10.0.0.0/104": "is not a network like",
		"always_200 yes":                     "unexpected argument 'yes': 'always_200' takes none",
		"always_200\nalways_200":             "'always_200' is already specified",
		"require_nonce 5m":                   "unexpected argument '5m': 'require_nonce' takes none",
		"require_nonce\nrequire_nonce":       "'require_nonce' is already specified",
		"prefix":                             "'prefix' takes one path, like /bank",
		"prefix /a /b":                       "'prefix' takes one path",
		"prefix /a\nprefix /b":               "'prefix' is already specified",
		"prefix a":                           "prefix 'a' is not a path like /bank",
		"prefix /.doorward/x":                "prefix '/.doorward/x' is not a path like",
		"dev_skip":                           "unrecognized option 'dev_skip' of 'api elcoin': prefix, always_200, allow_dev_skip, require_nonce",
	} {
		e := new(Elcoin)
		err := e.UnmarshalCaddyfile(caddyfile.NewTestDispenser("elcoin {\n" + block + "\n}"))
		got, _ := json.Marshal(e)
		if refused := !strings.HasPrefix(want, "{"); refused != (err != nil) || !refused && string(got) != want || refused && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %s, %v", block, got, err)
		}
	}
	if err := new(Elcoin).UnmarshalCaddyfile(caddyfile.NewTestDispenser("elcoin /x")); err == nil || !strings.Contains(err.Error(), "unexpected argument '/x'") {
		t.Error(err)
	}
	for _, prefix := range []string{"x", "/x/", "/x//y", "/x/../y", "/{y}", "/x y", "/x*", "/x;y", `/x\y`, "/x%20", "/.doorward/x", "/.DoorWard"} {
		if err := (&Elcoin{Prefix: prefix}).Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), "'"+prefix+"'") {
			t.Errorf("%q: %v", prefix, err)
		}
	}
	if err := (&Elcoin{AllowDevSkip: []string{"10.0.0.1/8"}}).Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), "'10.0.0.1/8'") {
		t.Error(err)
	}
}

// Only the model's own paths are ours, served or not: other models and paths are the app's.
func TestModelRoutes(t *testing.T) {
	const m = "elcoin/oAuthDevice/"
	for path, want := range map[string]string{
		"/putDb": m + "putDb", "/prepare": m + "prepare", "/validate": m + "validate", "/getDb/7": m + "getDb/{id}", "/deleteItem/x": m + "deleteItem/{id}",
		"/getData/oAuthDeviceSearchRequest": m + "getData/oAuthDeviceSearchRequest",
		"":                                  m + "…", "/": m + "…", "/putDb/": m + "…", "/putDb/7": m + "…", "/putdb": m + "…", "/getDb": m + "…", "/getDb/": m + "…", "/getDb/7/8": m + "…", "/getDb//7": m + "…",
		"/getData": m + "…", "/getData/x": m + "…", "/deleteItem": m + "…", "/…": m + "…", "/getDb/{id}": m + "getDb/{id}", "//putDb": m + "…",
	} {
		for _, prefix := range []string{"", "/bank"} {
			for _, root := range []string{"/model", "/api/model", "/api"} {
				e := &Elcoin{Prefix: prefix}
				for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodHead, http.MethodDelete} {
					route, ok := e.Route(method, prefix+root+"/oAuthDevice"+path)
					if route.Name != want || !ok || route.MaxBody != 64<<10 || route.Serve == nil || route.Fail != nil {
						t.Errorf("%s %s%s%s: %q, %v", method, prefix, root, path, route.Name, ok)
					}
				}
				if _, ok := e.Route(http.MethodGet, "/other"+root+"/oAuthDevice"+path); ok {
					t.Errorf("/other%s%s is ours", root, path)
				}
				if _, ok := e.Route(http.MethodGet, root+"/oAuthDevice"+path); ok && prefix != "" {
					t.Errorf("%s%s is ours without its prefix", root, path)
				}
			}
		}
	}
	for _, path := range []string{
		"", "/", "/model", "/model/", "/model/contact/putDb", "/model/oAuthDevices/putDb", "/model/oauthdevice/putDb", "/Model/oAuthDevice/putDb", "/oAuthDevice/putDb",
		"/api/oAuthRepresentativeRole/getData/oAuthRepresentativeRoleSearchRequest", "/api/model/model/oAuthDevice/putDb", "/x/model/oAuthDevice/putDb", "/api/2.0/x",
	} {
		if route, ok := new(Elcoin).Route(http.MethodPost, path); ok {
			t.Errorf("%s: %q", path, route.Name)
		}
	}
}

func TestOperations(t *testing.T) {
	if of := new(Elcoin).Operations(); !slices.Equal(of, []string{"ACCESS:DEVICE:MODIFY", "ACCESS:DEVICE:VIEW"}) {
		t.Errorf("%q", of)
	}
}
