package integration

import (
	"net/http"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// SES-11, section 4: what a revoked session has open ends within a second, and
// nothing that belongs to somebody else.
func TestStreamsEndWithTheirSession(t *testing.T) {
	app := streaming(t)
	d := openBefore(t, app, caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String()))
	bystander := d.openSession().token
	otherSocket, otherFeed := d.socket(bystander), d.feed(bystander)
	for _, c := range []struct {
		operation string
		in        func(*door, opened) any
		// own says whether the user's other session, by another device, stays.
		own bool
	}{
		{"device/block", func(_ *door, o opened) any { return admin.DeviceRef{Device: o.device.Serial} }, true},
		{"device/deactivate", func(_ *door, o opened) any { return admin.DeviceRef{Device: o.device.Serial} }, true},
		{"session/revoke", func(_ *door, o opened) any { return admin.SessionRef{Session: o.session} }, true},
		{"user/disable", func(d *door, _ opened) any { return admin.UserRef{User: d.name} }, false},
		{"user/password", func(d *door, _ opened) any { return admin.SetPassword{User: d.name} }, false},
		{"user/remove", func(d *door, _ opened) any { return admin.UserRef{User: d.name} }, false},
	} {
		t.Run(c.operation, func(t *testing.T) {
			u := d.another("u-" + c.operation[len(c.operation)-6:])
			u.t = t
			o, second := u.openSession(), u.openSession()
			ws, sse, own := u.socket(o.token), u.feed(o.token), u.socket(second.token)
			ws.echoes("hello")
			sse.flows(2)
			own.echoes("hello")
			var out any
			u.call(c.operation, c.in(u, o), &out)
			ws.ends(c.operation)
			sse.ends(c.operation)
			if c.own {
				own.echoes("still here")
			} else {
				own.ends(c.operation + " (the other session)")
			}
			otherSocket.echoes("still here")
			otherFeed.flows(3)
		})
	}
}

// An upgrade without a token, or with one that is revoked, is refused before it.
func TestUpgradeNeedsAToken(t *testing.T) {
	app := streaming(t)
	d := openBefore(t, app, caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String()))
	o := d.openSession()
	d.call("session/revoke", admin.SessionRef{Session: o.session}, new(admin.Session))
	hits := app.hits.Load()
	for what, token := range map[string]string{"no token": "", "a revoked token": o.token} {
		status, _ := d.get("/ws", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13",
			"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Authorization", token)
		if status != http.StatusUnauthorized {
			t.Errorf("an upgrade with %s gives %d, want 401", what, status)
		}
	}
	if app.hits.Load() != hits {
		t.Error("the app saw a refused upgrade")
	}
}
