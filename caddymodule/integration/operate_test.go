package integration

import (
	"net/http"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// TOK-13, TOK-14, SES-07: when an operation has answered, the server obeys
// already: not the poll of the store makes it true, but the answer.
func TestAnswerOfAnOperationIsObeyedAtOnce(t *testing.T) {
	d := open(t, "", "")
	for _, c := range []struct {
		operation string
		in        func(*door, opened) any
		// after is the status of a login with the next code, or 0 where a
		// login is looked at in a test of its own.
		after int
	}{
		{"device/block", func(_ *door, o opened) any { return admin.DeviceRef{Device: o.device.Serial} }, http.StatusUnauthorized},
		{"device/deactivate", func(_ *door, o opened) any { return admin.DeviceRef{Device: o.device.ID} }, http.StatusUnauthorized},
		{"user/disable", func(d *door, _ opened) any { return admin.UserRef{User: d.name} }, http.StatusUnauthorized},
		{"user/remove", func(d *door, _ opened) any { return admin.UserRef{User: d.name} }, http.StatusUnauthorized},
		{"user/password", func(d *door, _ opened) any { return admin.SetPassword{User: d.name} }, http.StatusUnauthorized},
		{"session/revoke", func(_ *door, o opened) any { return admin.SessionRef{Session: o.session} }, http.StatusCreated},
	} {
		t.Run(c.operation, func(t *testing.T) {
			u := d.another("u-" + c.operation[len(c.operation)-6:])
			u.t = t
			o := u.openSession()
			unseen := u.openSession() // its token is in no cache
			u.wantIn("before", o.token)
			var out any
			u.call(c.operation, c.in(u, o), &out)
			u.wantOut("after "+c.operation, o.token)
			if c.operation[:4] == "user" {
				u.wantOut("a token that was never used, after "+c.operation, unseen.token)
			} else {
				u.wantIn("another session, after "+c.operation, unseen.token)
			}
			if status, token := u.login(o.device.code(o.next)); status != c.after || (token != "") != (c.after == http.StatusCreated) {
				t.Errorf("a login after %s gives %d, want %d", c.operation, status, c.after)
			}
		})
	}
}

// What was taken away and given back opens with a new login only: the old
// token stays dead.
func TestGivenBackNeedsANewLogin(t *testing.T) {
	d := open(t, "", "")
	for _, c := range []struct {
		take, give string
		in         func(*door, opened) any
	}{
		{"user/disable", "user/enable", func(d *door, _ opened) any { return admin.UserRef{User: d.name} }},
		{"device/block", "device/unblock", func(_ *door, o opened) any { return admin.DeviceRef{Device: o.device.Serial} }},
	} {
		t.Run(c.give, func(t *testing.T) {
			u := d.another("u-" + c.give[len(c.give)-6:])
			u.t = t
			o := u.openSession()
			old := o.token
			var out any
			u.call(c.take, c.in(u, o), &out)
			u.wantOut("taken", old)
			u.call(c.give, c.in(u, o), &out)
			u.wantOut("given back", old)
			u.renew(&o)
			u.wantIn("after a new login", o.token)
			u.wantOut("the old token, after a new login", old)
		})
	}
}

// The new password opens, and the one before no longer.
func TestNewPasswordReplacesTheOldOne(t *testing.T) {
	d := open(t, "", "")
	o := d.openSession()
	var answer admin.UserWithPassword
	d.call("user/password", admin.SetPassword{User: d.name}, &answer)
	if status, _ := d.login(o.device.code(o.next)); status != http.StatusUnauthorized {
		t.Errorf("the old password gives %d, want 401", status)
	}
	d.password = answer.Password
	d.renew(&o)
	d.wantIn("with the new password", o.token)
}

// What is gone for good can't be brought back.
func TestDeactivatedDeviceStaysSo(t *testing.T) {
	d := open(t, "", "")
	o := d.openSession()
	d.call("device/deactivate", admin.DeviceRef{Device: o.device.Serial}, new(admin.Device))
	if status, text := d.adminRaw("device/unblock", admin.DeviceRef{Device: o.device.Serial}); status != http.StatusConflict {
		t.Errorf("unblock gives %d %s, want 409", status, text)
	}
	if got := d.shown(o.device.Serial).Status; got != "deactivated" {
		t.Errorf("the status is %q", got)
	}
	d.wantOut("after that", o.token)
}
