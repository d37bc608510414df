package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// Law 10: every requirement that matches applies, and beats open.
func TestPathsRequire(t *testing.T) {
	app := newBackend(t, nil)
	const site = `api onlyoffice
		open /public/* /healthz
		require /public/staff/* {
			group staff
		}
		require /both/* {
			group staff
			otp_max_age 1h
		}
		require /both/* {
			group admins
		}
		require @deletes {
			group admins
		}`
	d := openBefore(t, app, caddyfile("", site, "@deletes {\nmethod DELETE\npath /files/* /healthz\n}\nreverse_proxy "+app.Listener.Addr().String()))
	tokens := map[string]string{"nobody": "", "alice": d.mustLogin()}
	for name, groups := range map[string][]string{"anna": {"admins"}, "stas": {"staff"}, "both": {"admins", "staff"}} {
		d.as(admin.AddUser{Name: name, Groups: groups})
		tokens[name] = d.mustLogin()
	}
	for _, c := range []struct{ request, may string }{
		{"GET /public/x", "nobody alice anna stas both"},
		{"GET /healthz", "nobody alice anna stas both"},
		{"GET /healthz/", "alice anna stas both"},
		{"GET /public/staff/x", "stas both"},
		{"GET /public/staff", "stas both"},
		{"GET /both/x", "both"},
		{"GET /files/x", "alice anna stas both"},
		{"DELETE /files/x", "anna both"},
		{"DELETE /healthz", "anna both"},
		{"DELETE /x", "alice anna stas both"},
	} {
		for name, token := range tokens {
			t.Run(c.request+" by "+name, func(t *testing.T) {
				method, path, _ := strings.Cut(c.request, " ")
				want := http.StatusForbidden
				if strings.Contains(c.may, name) {
					want = http.StatusOK
				} else if token == "" {
					want = http.StatusUnauthorized
				}
				hits := app.hits.Load()
				status, body, _ := d.do(method, path, "", "Authorization", token)
				if status != want || app.hits.Load() > hits != (want == http.StatusOK) {
					t.Errorf("%d %s, want %d", status, body, want)
				}
			})
		}
	}
}
