package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// The whole way of a person on each database: invited, an app, a sign-in in place of
// the session before, a step-up, another device, a sign-out.
func TestWayOfAPerson(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { wayOfAPerson(t, `store sqlite "{$KIT_DIR}/doorward.db"`) })
	t.Run("postgres", func(t *testing.T) {
		dsn := postgrestest.Start(t).Database(t)
		wayOfAPerson(t, "store postgres "+dsn+"\nseal_key "+strings.Repeat("A", 43)+"=")
	})
}

func wayOfAPerson(t *testing.T, store string) {
	app, post := newBackend(t, nil), newPostbox(t)
	config := caddyfile("first_device invite\npublic_url https://app.example.com\nchannel phone http "+post.URL+"/", "", "reverse_proxy "+app.Listener.Addr().String())
	d := openBefore(t, app, strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, store, 1)).another("bob")
	var i admin.Invitation
	d.call("user/invite", admin.UserRef{User: "bob"}, &i)
	b := d.browser()
	page := b.open(strings.TrimPrefix(i.URL, "https://app.example.com")).
		submit("/.doorward/sign-in", "name", "bob", "password", d.password).want(http.StatusOK, "Set up a device").
		submit("/.doorward/enrol/app").want(http.StatusOK)
	page.submit("/.doorward/enrol/code", "code", oathtool(t, "--totp", "--base32", page.key())).want(http.StatusOK, `"Remote-User":["bob"]`)
	token := b.cookie("doorward")
	device := d.addHOTP()
	b.open("/.doorward/sign-in?again=1&to=/").submit("/.doorward/sign-in", "password", d.password).want(http.StatusOK).
		submit("/.doorward/code", "code", device.code(0)).want(http.StatusOK, "Remote-User")
	d.wantOut("the first session", token)
	b.open("/.doorward/step-up?to=/").submit("/.doorward/step-up", "code", device.code(1)).want(http.StatusOK, "Remote-User")
	b.open("/.doorward/devices/add/phone").submit("/.doorward/devices/add/phone", "address", "+351912345678").want(http.StatusOK)
	code, _ := post.code("+351912345678")
	if p := b.open("/.doorward/devices/add/code?kind=phone").post("/.doorward/devices/add/code", "code", code); p.status != http.StatusSeeOther {
		t.Errorf("a phone is added: %d %s", p.status, p.body)
	}
	if list := d.sessions(); len(list) != 1 {
		t.Errorf("the sessions are %v", list)
	}
	b.open("/.doorward/sign-out").submit("/.doorward/sign-out").want(http.StatusOK, "You are signed out")
	if list := d.sessions(); len(list) != 0 {
		t.Errorf("the sessions are %v", list)
	}
}
