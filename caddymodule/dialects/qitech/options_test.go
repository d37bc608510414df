package qitech

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

// OPS-01: every word has its meaning or an error that quotes it.
func TestOptions(t *testing.T) {
	for block, want := range map[string]string{
		"":                             `{}`,
		"prefix /baas":                 `{"prefix":"/baas"}`,
		"sandbox_token":                `{"sandbox_token":true}`,
		"sandbox_token\nprefix /a/b":   `{"prefix":"/a/b","sandbox_token":true}`,
		"sandbox_token 329329":         "unexpected argument '329329': 'sandbox_token' takes none",
		"sandbox_token\nsandbox_token": "'sandbox_token' is already specified",
		"prefix":                       "'prefix' takes one path, like /baas",
		"prefix /a /b":                 "'prefix' takes one path",
		"prefix /a\nprefix /b":         "'prefix' is already specified",
		"prefix a":                     "prefix 'a' is not a path like /baas",
		"prefix /":                     "prefix '/' is not a path like",
		"prefix /.doorward/x":          "prefix '/.doorward/x' is not a path like",
		"prfix /a":                     "unrecognized option 'prfix' of 'api qitech': prefix, sandbox_token",
	} {
		q := new(QITech)
		err := q.UnmarshalCaddyfile(caddyfile.NewTestDispenser("qitech {\n" + block + "\n}"))
		got, _ := json.Marshal(q)
		if refused := !strings.HasPrefix(want, "{"); refused != (err != nil) || !refused && string(got) != want || refused && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %s, %v", block, got, err)
		}
	}
	if err := new(QITech).UnmarshalCaddyfile(caddyfile.NewTestDispenser("qitech /x")); err == nil || !strings.Contains(err.Error(), "unexpected argument '/x'") {
		t.Error(err)
	}
	for _, prefix := range []string{"x", "/x/", "/x//y", "/x/../y", "/{y}", "/x y", "/x*", "/x;y", `/x\y`, "/x%20", "/.doorward/x", "/.DoorWard"} {
		if err := (&QITech{Prefix: prefix}).Provision(caddy.Context{}); err == nil || !strings.Contains(err.Error(), "'"+prefix+"'") {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

// /account is the app's: only what is below a device of an account is ours, served or not.
func TestRoutes(t *testing.T) {
	const whole, one = "qitech/device", "qitech/device/{device_key}"
	for path, want := range map[string]string{
		"/account/a/device": whole, "/account/a/device/k": one, "/account/a/device/k/validate": one + "/validate",
		"/account/a/device/k/resend_token": one + "/resend_token", "/account/a/device/k/disable": one + "/disable",
		"/account/a/device_challenge": "qitech/device_challenge", "/account/a/device_session": "qitech/device_session",
		"/account/a/device/": whole + "/…", "/account/a/device//": whole + "/…", "/account/a/device//validate": whole + "/…", "/account/a/device/k/": whole + "/…",
		"/account/a/device/k/validate/": whole + "/…", "/account/a/device/k/history": whole + "/…", "/account/a/device/k/l/validate": whole + "/…",
		"/account/a/device_session/": "qitech/device_session/…", "/account/a/device_session/x": "qitech/device_session/…",
		"/account/a/device/{device_key}/validate": one + "/validate",
		"/account": "", "/account/": "", "/account/a": "", "/account/a/": "", "/account//device": "", "/account/a/devices": "", "/account/a/Device": "",
		"/account/a/device_scan": "", "/account/a/b/device": "", "/accounts/a/device": "", "/x/account/a/device": "", "/device": "", "/": "", "": "",
		"/account/a/pix_transfer": "", "/Account/a/device": "",
	} {
		for _, prefix := range []string{"", "/baas"} {
			q := &QITech{Prefix: prefix}
			for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodHead, http.MethodDelete} {
				route, ok := q.Route(method, prefix+path)
				if route.Name != want || ok != (want != "") || ok && (route.MaxBody != 64<<10 || route.Serve == nil) {
					t.Errorf("%s %s%s: %q, %v", method, prefix, path, route.Name, ok)
				}
			}
			if route, ok := q.Route(http.MethodGet, "/other"+path); ok {
				t.Errorf("/other%s: %q", path, route.Name)
			}
			if _, ok := q.Route(http.MethodGet, path); ok && prefix != "" {
				t.Errorf("%s is ours without its prefix", path)
			}
		}
	}
}

// What an integrator may be allowed is what there is, and what the core asks about.
func TestOperations(t *testing.T) {
	of := new(QITech).Operations()
	if !slices.IsSorted(of) || len(of) != 6 {
		t.Errorf("%q", of)
	}
	for _, operation := range []string{
		authcore.OpCreateDevice, authcore.OpValidateDevice, authcore.OpResendToken, authcore.OpShowDevice, authcore.OpListDevices, authcore.OpDisableDevice,
	} {
		if !slices.Contains(of, operation) {
			t.Errorf("%s is missing", operation)
		}
	}
}
