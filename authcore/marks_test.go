package authcore_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// DEV-09: the address of a device is a login name of its user at every door, and of nobody
// else's, for as long as it is said to be.
func TestDeviceAsLoginName(t *testing.T) {
	h, _ := phones(t, func(o *authcore.Options) { o.Factors = append(o.Factors, authcore.KindEmail) })
	alice := h.person(t, "alice", mail)
	h.person(t, "bob", mail)
	h.device(t, "alice", authcore.KindTOTP)
	add := func(user, address string, logsIn bool) (authcore.Registered, error) {
		return h.Devices.Register(t.Context(), erp(), authcore.Enrolment{User: user, Kind: authcore.KindEmail, Address: address, LogsIn: logsIn})
	}
	r, err := add("alice", "Work@Example.com", true)
	if must(t, err); !r.Device.LogsIn || r.Device.Version != 1 {
		t.Errorf("registered %+v", r.Device)
	}
	means := func(name, want string) {
		t.Helper()
		_, err := h.Logins.Primary(t.Context(), attempt(name))
		if want == "" {
			wantCode(t, err, authcore.CodeUnauthenticated)
			return
		}
		must(t, err)
		if u, err := h.Users.Get(t.Context(), erp(), name); err != nil || u.ID != want {
			t.Errorf("%s is %+v, %v", name, u, err)
		}
	}
	means("work@example.com", alice.ID)
	means("WORK@example.com", alice.ID)
	for what, address := range map[string]string{"her device's": "work@example.com", "her e-mail": "alice@example.com"} {
		_, err := add("bob", address, true)
		wantReason(t, err, authcore.CodeConflict, authcore.ReasonUserTaken)
		other, err := add("bob", address, false)
		must(t, err)
		_, err = h.Devices.Change(t.Context(), erp(), other.Device.ID, authcore.DeviceChanges{LogsIn: new(true)})
		wantReason(t, err, authcore.CodeConflict, authcore.ReasonUserTaken)
		if d := h.owned(t, other.Device.ID); d.LogsIn {
			t.Errorf("%s logs bob in", what)
		}
	}
	_, err = h.Users.Update(t.Context(), erp(), "bob", authcore.Changes{Email: new("work@example.com")})
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonUserTaken)
	_, err = h.Users.Update(t.Context(), erp(), "alice", authcore.Changes{Email: new("work@example.com")}) // her own
	must(t, err)
	_, err = h.Users.Update(t.Context(), erp(), "alice", authcore.Changes{Email: new("")})
	must(t, err)
	means("work@example.com", alice.ID)
	h.changed(t, erp(), r.Device.ID, authcore.DeviceChanges{Status: new(authcore.StatusBlocked), LogsIn: new(true)})
	means("work@example.com", alice.ID)
	if d := h.changed(t, erp(), r.Device.ID, authcore.DeviceChanges{Status: new(authcore.StatusDeactivated), LogsIn: new(true)}); d.LogsIn {
		t.Errorf("what is gone logs in: %+v", d)
	}
	means("work@example.com", "")
	must(t, second(add("bob", "work@example.com", true)))
}

// Only who administers says what a user logs in with.
func TestOwnersNameNothing(t *testing.T) {
	h, _ := phones(t, nil)
	u := h.person(t, "alice", mail)
	d := h.put(t, u, authcore.KindEmail, authcore.StatusActive)
	_, err := h.Devices.Change(t.Context(), h.fresh(u), d, authcore.DeviceChanges{LogsIn: new(true)})
	wantCode(t, err, authcore.CodeForbidden)
	if h.owned(t, d).LogsIn {
		t.Error("it logs her in")
	}
}

// DEV-10: a user is told at the device that has the mark, but not of what is done with it, and
// that another has it now he is told where he was told before.
func TestNotifiedDevice(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*authcore.Device)
		action     string
		about      bool // the marked device itself
		want       string
		withoutOwn bool
	}{
		{"marked", nil, "device.block", false, "marked@example.com", false},
		{"not marked", func(d *authcore.Device) { d.Notified = false }, "device.block", false, "alice@example.com", false},
		{"blocked itself", func(d *authcore.Device) { d.Status = authcore.StatusBlocked }, "user.password", false, "alice@example.com", false},
		{"pending", func(d *authcore.Device) { d.Status = authcore.StatusPending }, "user.password", false, "alice@example.com", false},
		{"of itself", nil, "device.block", true, "alice@example.com", false},
		{"of the mark", nil, "device.notices", true, "alice@example.com", false},
		{"of the mark, with no other place", nil, "device.notices", true, "marked@example.com", true},
		{"at what makes codes", func(d *authcore.Device) { d.Kind = authcore.KindTOTP }, "user.password", false, "alice@example.com", false},
		{"at what answers", func(d *authcore.Device) { d.Kind = authcore.KindMobile }, "user.password", false, "alice@example.com", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			outbox := new(authtest.Outbox)
			h := newCore(t, func(o *authcore.Options) {
				o.Channels = map[authcore.DeviceKind]authcore.Channel{authcore.KindEmail: outbox, authcore.KindPhone: outbox, authcore.KindMobile: outbox}
			})
			u := h.person(t, "alice", func(u *authcore.User) {
				if !c.withoutOwn {
					mail(u)
				}
			})
			d := authcore.Device{
				ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: uuid.NewString()[:18], Kind: authcore.KindEmail,
				Status: authcore.StatusActive, Address: "marked@example.com", Notified: true,
			}
			if c.change != nil {
				c.change(&d)
			}
			h.write(t, func(tx authcore.Tx) error {
				must(t, tx.CreateDevice(d))
				return tx.SetNotified(d.ID, d.Notified, h.clock.Now())
			})
			e := authcore.Event{Action: c.action, Outcome: authcore.OutcomeOK, UserID: u.ID}
			if c.about {
				e.DeviceID, e.Factor = d.ID, string(d.Kind)
			}
			must(t, h.Record(t.Context(), e))
			h.live.Settle()
			var to []string
			for _, m := range outbox.Told(t, 0) {
				to = append(to, m.To)
			}
			if strings.Join(to, " ") != c.want {
				t.Errorf("told %q, want %q", to, c.want)
			}
		})
	}
}

// DEV-10: who moves the mark is noticed at the place that had it.
func TestMovedMarkIsTold(t *testing.T) {
	h, outbox := phones(t, nil)
	u := h.person(t, "alice", mail)
	d := h.put(t, u, authcore.KindPhone, authcore.StatusActive)
	h.changed(t, erp(), d, authcore.DeviceChanges{Notified: new(true)})
	got := h.news(t, outbox, 0)
	if len(got) != 1 || !strings.HasPrefix(got[0], "alice@example.com ") || !strings.Contains(got[0], "go to another place now") {
		t.Errorf("told %q", got)
	}
	h.clock.Turn(2 * time.Hour)
	must(t, second(h.Users.SetPassword(t.Context(), erp(), "alice", newPassword)))
	if got := h.news(t, outbox, 1); len(got) != 1 || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "+79001234567 ") }) {
		t.Errorf("told %q", got)
	}
}
