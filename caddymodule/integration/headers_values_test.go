package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// as makes another user the one who logs in.
func (d *door) as(u admin.AddUser) {
	d.t.Helper()
	var made admin.UserWithPassword
	d.call("user/add", u, &made)
	d.name, d.password = made.Name, made.Password
}

// HDR-04: one value each, in ASCII, that every server reads alike.
func TestIdentityValues(t *testing.T) {
	d := open(t, "", "")
	for _, c := range []struct {
		user admin.AddUser
		want map[string]string
	}{
		{
			admin.AddUser{Name: "жанна", Email: "жанна@example.com", Groups: []string{"admins", "кадры"}},
			map[string]string{
				"Remote-User":   "%D0%B6%D0%B0%D0%BD%D0%BD%D0%B0",
				"Remote-Name":   "%D0%B6%D0%B0%D0%BD%D0%BD%D0%B0",
				"Remote-Email":  "%D0%B6%D0%B0%D0%BD%D0%BD%D0%B0@example.com",
				"Remote-Groups": "admins,%D0%BA%D0%B0%D0%B4%D1%80%D1%8B",
			},
		},
		{
			admin.AddUser{Name: "50%d0%b6,a;b=\"c\"", Email: "x+y@example.com", Groups: []string{"a/b", "c:d", "e_f"}},
			map[string]string{
				"Remote-User": "50%25d0%25b6,a;b=\"c\"", "Remote-Name": "50%25d0%25b6,a;b=\"c\"",
				"Remote-Email": "x+y@example.com", "Remote-Groups": "a/b,c:d,e_f",
			},
		},
	} {
		t.Run(c.user.Name, func(t *testing.T) {
			d.as(c.user)
			if status, body := d.get("/", "Authorization", d.mustLogin()); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			wantIdentity(t, d.app.last.Load().Header, c.want)
		})
	}
}

// CRY-09, and the placeholders of the gate: who it is is known to the handlers
// after it, and nothing that a user controls is expanded.
func TestPlaceholders(t *testing.T) {
	t.Setenv("doorward_secret", "LEAKED")
	app := newBackend(t, nil)
	const text = "{http.auth.user.id}|{http.auth.user.email}|{http.auth.user.groups}|{http.auth.user.tenant}|{header.X-Note}|{path}"
	d := openBefore(t, app, caddyfile("", "api onlyoffice\nopen /public/*",
		"respond /who/* \""+text+"\"\nrespond /public/* \""+text+"\"\nrequest_header /in/* X-Id {http.auth.user.id}\nreverse_proxy "+app.Listener.Addr().String()))
	const note = "{env.doorward_secret}{http.auth.user.id}"
	d.as(admin.AddUser{Name: "{env.doorward_secret}", Email: "{env.doorward_secret}@example.com", Groups: []string{"a", "b"}})
	token := d.mustLogin()
	t.Run("with a login", func(t *testing.T) {
		_, body := d.get("/who/{env.doorward_secret}", "Authorization", token, "X-Note", note)
		want := "{env.doorward_secret}|{env.doorward_secret}@example.com|a,b|default|" + note + "|/who/{env.doorward_secret}"
		if body != want {
			t.Errorf("got  %s\nwant %s", body, want)
		}
	})
	t.Run("to the app", func(t *testing.T) {
		status, body := d.get("/in/{env.doorward_secret}", "Authorization", token, "X-Note", note)
		if status != http.StatusOK || strings.Contains(body, "LEAKED") || !strings.Contains(body, `"X-Id":["{env.doorward_secret}"]`) {
			t.Errorf("%d %s", status, body)
		}
		wantIdentity(t, d.app.last.Load().Header, map[string]string{
			"Remote-User": "{env.doorward_secret}", "Remote-Name": "{env.doorward_secret}",
			"Remote-Email": "{env.doorward_secret}@example.com", "Remote-Groups": "a,b",
		})
	})
	t.Run("open", func(t *testing.T) { // no login is asked, so nobody is named
		if _, body := d.get("/public/x", "Authorization", token, "X-Note", "n"); !strings.HasPrefix(body, "{http.auth.user.id}|{http.auth.user.email}|") {
			t.Errorf("%s", body)
		}
	})
}
