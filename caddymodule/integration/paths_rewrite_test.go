package integration

import (
	"net/http"
	"testing"
)

// PATH-06: what was sent and what it was rewritten to are both judged, and the
// stricter counts. Own routes are matched on what was sent alone.
func TestPathsRewritten(t *testing.T) {
	app := newBackend(t, nil)
	proxy := "reverse_proxy " + app.Listener.Addr().String()
	rewrites := `
		rewrite /hidden/* /admin/x
		rewrite /shown/* /public/x
		rewrite /public/turned /x
		rewrite /door/* /.doorward/health
		rewrite /login/* /api/2.0/authentication/123456
		rewrite /.doorward/ready /nothing
		rewrite /api/2.0/* /index.php
		rewrite /public/q /public/x?a=/admin/x
		uri strip_prefix /v1
		uri replace /twist/ /admin/
		handle_path /public/in/* {
			` + proxy + `
		}
		`
	d := openBefore(t, app, caddyfile("", "api onlyoffice\nopen /public/*\nrequire /admin/* {\ngroup admins\n}", rewrites+proxy))
	token := d.mustLogin()
	for _, c := range []struct {
		path         string
		anon, logged int
		app          string // the path that the app gets
	}{
		{"/hidden/x", 401, 403, ""},
		{"/shown/x", 401, 200, "/public/x"},
		{"/public/turned", 401, 200, "/x"},
		{"/public/x", 200, 200, "/public/x"},
		{"/public/q", 200, 200, "/public/x"},
		{"/v1/public/x", 401, 200, "/public/x"},
		{"/v1/admin/x", 401, 403, ""},
		{"/v1/x", 401, 200, "/x"},
		{"/public/in/admin/x", 200, 200, "/admin/x"}, // rewritten after the gate: the operator's word
		{"/public/in/../../x", 401, 200, ""},
		{"/public/twist/x", 200, 200, "/public/admin/x"},
		{"/twist/x", 401, 403, ""},
		{"/door/x", 401, 200, "/.doorward/health"},
		{"/login/x", 401, 200, "/api/2.0/authentication/123456"},
	} {
		t.Run(c.path, func(t *testing.T) {
			for i, want := range []int{c.anon, c.logged} {
				hits := d.app.hits.Load()
				status, _, _ := d.do(http.MethodPost, c.path, "{}", [][]string{nil, {"Authorization", token}}[i]...)
				reached := d.app.hits.Load() > hits
				if status != want || reached != (want == 200) || reached && c.app != "" && d.app.last.Load().URL.Path != c.app {
					t.Errorf("caller %d: %d, reached the app: %v at %s", i, status, reached, d.app.last.Load().URL)
				}
			}
		})
	}
	t.Run("own routes, though rewritten", func(t *testing.T) {
		hits := d.app.hits.Load()
		if status, body := d.get("/.doorward/ready"); status != http.StatusOK || body != `{"status":"ok"}` {
			t.Errorf("ready: %d %s", status, body)
		}
		if status, text := d.post("/api/2.0/authentication", `{"userName":"alice","password":"`+d.password+`"}`); status != http.StatusCreated {
			t.Errorf("login: %d %s", status, text)
		}
		if d.app.hits.Load() != hits {
			t.Error("the app was asked")
		}
	})
}
