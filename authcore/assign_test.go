package authcore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/oath"
)

const dialect = "surepassid"

// erp is an integrator of the default tenant.
func erp() authcore.Actor { return authcore.ActingIntegrator(dialect, authcore.DefaultTenant) }

// fob is a code generator, as change makes it, and its secret.
func (h *house) fob(t testing.TB, change func(*authcore.Device)) (authcore.Device, []byte) {
	t.Helper()
	d, secret := authcore.Device{
		ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Serial: uuid.NewString()[:18], Kind: authcore.KindHOTP,
		Status: authcore.StatusActive, Algorithm: oath.SHA1, Digits: 6, LookAhead: 5, LastCounter: -1, CreatedAt: h.clock.Now(),
	}, oath.NewSecret()
	if change != nil {
		change(&d)
	}
	d.Sealed = h.ring.Seal("devices", "secret", d.ID, secret)
	h.write(t, func(tx authcore.Tx) error { return tx.CreateDevice(d) })
	return d, secret
}

// owned is d as it is now.
func (h *house) owned(t testing.TB, id string) authcore.Device {
	t.Helper()
	d, _, err := h.Devices.Get(t.Context(), authcore.Operator(), id)
	must(t, err)
	return d
}

// HND-01: a device is given to one who has none of it, and from one to another by
// force alone; then what its codes opened ends on every node, and it opens the way of
// its new owner.
func TestAssign(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	d, secret := h.fob(t, nil)
	got, err := h.Devices.Assign(t.Context(), erp(), d.Serial, "Alice", false)
	must(t, err)
	if got.UserID != alice.user.ID || h.owned(t, d.ID).UserID != alice.user.ID {
		t.Fatalf("assigned: %+v", got)
	}
	login, err := h.Logins.Second(t.Context(), alice.verified, authtest.HOTP(t, secret, 0))
	must(t, err)
	_, err = h.Devices.Rename(t.Context(), erp(), d.ID, "of Alice")
	must(t, err)
	other := h.again(t, nil)
	other.passes(t, login.Token)

	_, err = h.Devices.Assign(t.Context(), erp(), d.Serial, "alice", true) // is hers
	must(t, err)
	_, err = h.Devices.Assign(t.Context(), erp(), d.Serial, "bob", false)
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonAssigned)
	h.passes(t, login.Token)
	if _, err = h.Logins.Second(t.Context(), bob.verified, authtest.HOTP(t, secret, 1)); err == nil {
		t.Fatal("it opened something for Bob before it was his")
	}

	got, err = h.Devices.Assign(t.Context(), erp(), d.Serial, "bob", true)
	must(t, err)
	h.refuses(t, login.Token)
	other.refresh(t)
	other.refuses(t, login.Token)
	h.again(t, nil).refuses(t, login.Token)
	if now := h.owned(t, d.ID); got.UserID != bob.user.ID || now.UserID != bob.user.ID || now.Name != "" || now.Epoch == d.Epoch || got.Epoch != now.Epoch {
		t.Errorf("taken from her: %+v, %+v", got, now)
	}
	if _, err = h.Logins.Second(t.Context(), alice.verified, authtest.HOTP(t, secret, 1)); err == nil {
		t.Error("it still opens something for Alice")
	}
	login, err = h.Logins.Second(t.Context(), bob.verified, authtest.HOTP(t, secret, 1))
	must(t, err)
	h.passes(t, login.Token)
	if in, out := h.events(t, "device.assign"), h.events(t, "device.unassign"); len(in) != 2 || len(out) != 1 || in[0].UserID != bob.user.ID ||
		in[1].UserID != alice.user.ID || out[0].UserID != alice.user.ID || out[0].Actor != "integrator:erp" || in[0].DeviceID != d.ID {
		t.Errorf("audited %+v and %+v", in, out)
	}
}

// The order of a user's devices is that in which they became his, and assigning one
// again changes nothing of it.
func TestOrderOfAssignment(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	first, _ := h.fob(t, nil)
	second, _ := h.fob(t, nil)
	for _, id := range []string{second.ID, first.ID, second.ID} {
		_, err := h.Devices.Assign(t.Context(), authcore.Operator(), id, "alice", true)
		must(t, err)
	}
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	if len(devices) != 2 || devices[0].ID != second.ID || devices[1].ID != first.ID {
		t.Errorf("%+v", devices)
	}
}

// HND-01: back in stock a device opens nothing, and what its codes opened has ended.
func TestUnassign(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	other := h.again(t, nil)
	h.passes(t, login.Token)
	other.passes(t, login.Token)
	d, err := h.Devices.Unassign(t.Context(), erp(), m.device.Device.Serial)
	must(t, err)
	h.refuses(t, login.Token)
	other.refresh(t)
	other.refuses(t, login.Token)
	if now := h.owned(t, d.ID); d.UserID != "" || now.UserID != "" || now.Status != authcore.StatusActive {
		t.Errorf("in stock: %+v, %+v", d, now)
	}
	if _, err := h.Logins.Second(t.Context(), m.verified, m.code(t)); err == nil {
		t.Error("it still opens something")
	}
	_, err = h.Devices.Unassign(t.Context(), erp(), d.ID)
	wantReason(t, err, authcore.CodeConflict, "")
	if rows := h.events(t, "device.unassign"); len(rows) != 1 || rows[0].UserID != m.user.ID {
		t.Errorf("audited %+v", rows)
	}
}

// Only what makes codes and may count is given to another: no address of somebody's,
// nothing that was retired, and nothing that is being enrolled with a key that who
// enrols it knows.
func TestWhatChangesHands(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	h.user(t, "bob")
	for _, c := range []struct {
		kind   authcore.DeviceKind
		status authcore.DeviceStatus
		awaits authcore.Awaits
		code   authcore.Code
		reason authcore.Reason
	}{
		{authcore.KindHOTP, authcore.StatusActive, "", "", ""},
		{authcore.KindTOTP, authcore.StatusBlocked, "", "", ""},
		{authcore.KindHOTP, authcore.StatusPending, authcore.AwaitsCodes, "", ""},
		{authcore.KindTOTP, authcore.StatusPending, "", authcore.CodeConflict, authcore.ReasonInactive},
		{authcore.KindTOTP, authcore.StatusDeactivated, "", authcore.CodeConflict, authcore.ReasonInactive},
		{authcore.KindTOTP, authcore.StatusRejected, "", authcore.CodeConflict, authcore.ReasonInactive},
		{authcore.KindPhone, authcore.StatusActive, "", authcore.CodeInvalid, ""},
		{authcore.KindEmail, authcore.StatusActive, "", authcore.CodeInvalid, ""},
		{authcore.KindBackup, authcore.StatusActive, "", authcore.CodeInvalid, ""},
	} {
		for what, do := range map[string]func(id string) error{
			"assign":   func(id string) error { _, err := h.Devices.Assign(t.Context(), erp(), id, "bob", true); return err },
			"unassign": func(id string) error { _, err := h.Devices.Unassign(t.Context(), erp(), id); return err },
		} {
			d, _ := h.fob(t, func(d *authcore.Device) { d.UserID, d.Kind, d.Status, d.Awaits = u.ID, c.kind, c.status, c.awaits })
			err := do(d.ID)
			if c.code == "" {
				must(t, err)
			} else if wantReason(t, err, c.code, c.reason); h.owned(t, d.ID).UserID != u.ID {
				t.Errorf("%s %s %s: it is another's", what, c.kind, c.status)
			}
			_, err = h.Devices.Remove(t.Context(), erp(), d.ID) // whatever it is
			must(t, err)
		}
	}
}

// Who has as many devices as he may have gets no other, and a device goes to nobody of
// another tenant.
func TestAssignThatIsRefused(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	for range 5 {
		h.device(t, "alice", authcore.KindHOTP)
	}
	d, _ := h.fob(t, nil)
	_, err := h.Devices.Assign(t.Context(), erp(), d.ID, "alice", true)
	wantReason(t, err, authcore.CodeConflict, "")
	_, err = h.Devices.Assign(t.Context(), erp(), d.ID, "nobody", true)
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoUser)
	abroad := h.person(t, "carol", func(u *authcore.User) { u.Tenant = "acme" })
	_, err = h.Devices.Assign(t.Context(), authcore.Operator(), d.ID, abroad.ID, true)
	wantReason(t, err, authcore.CodeInvalid, "")
	if owner := h.owned(t, d.ID).UserID; owner != "" {
		t.Errorf("it belongs to %q", owner)
	}
	_, err = h.Users.SetDisabled(t.Context(), authcore.Operator(), abroad.ID, true)
	must(t, err)
	d, _ = h.fob(t, func(d *authcore.Device) { d.Tenant = "acme" })
	_, err = h.Devices.Assign(t.Context(), authcore.ActingIntegrator(dialect, "acme"), d.Serial, "carol", false) // for when he is back
	must(t, err)
}

// HND-01: what the codes of a device opened ends when it is removed, on every node and
// although its row is gone; its serial is free, and a device with it is another one.
func TestRemoveDevice(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	knows, asks := h.again(t, nil), h.again(t, nil)
	knows.passes(t, login.Token)
	d, err := h.Devices.Remove(t.Context(), erp(), m.device.Device.Serial)
	must(t, err)
	if d.ID != m.device.Device.ID || d.UserID != m.user.ID {
		t.Errorf("removed %+v", d)
	}
	h.refuses(t, login.Token)
	knows.refresh(t)
	knows.refuses(t, login.Token)
	asks.refuses(t, login.Token)
	open, err := h.Sessions.List(t.Context(), authcore.Operator(), "alice")
	if must(t, err); len(open) != 0 {
		t.Errorf("%d sessions are open", len(open))
	}
	_, _, err = h.Devices.Get(t.Context(), erp(), d.ID)
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
	if rows := h.events(t, "device.remove"); len(rows) != 1 || rows[0].UserID != m.user.ID || rows[0].DeviceID != d.ID {
		t.Errorf("audited %+v", rows)
	}
	again, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Serial: d.Serial})
	must(t, err)
	if _, err := h.Logins.Second(t.Context(), m.verified, m.code(t)); err == nil {
		t.Error("a code of the one that was removed opened something")
	}
	_, err = h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, again.Secret, 0))
	must(t, err)
	stock, _ := h.fob(t, nil)
	_, err = h.Devices.Remove(t.Context(), erp(), stock.Serial)
	must(t, err)
}

// handling is all that changes whose a device is, and all that shows its key.
var handling = map[string]func(*testing.T, *house, authcore.Actor, string) error{
	"assign": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Assign(t.Context(), a, id, "alice", true)
		return err
	},
	"unassign": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Unassign(t.Context(), a, id)
		return err
	},
	"remove": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Remove(t.Context(), a, id)
		return err
	},
	"show": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, _, err := h.Devices.Show(t.Context(), a, id, "")
		return err
	},
	"claim": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Claim(t.Context(), a, id, dialect, "physical_device", "x")
		return err
	},
	"attributes": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Attributes(t.Context(), a, id, dialect)
		return err
	},
	"unblock": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Unblock(t.Context(), a, id)
		return err
	},
	"block": removals["block"], "deactivate": removals["deactivate"],
}

// HND-02: a device of another tenant reads like one that does not exist, whatever is
// asked, and users handle no device that way.
func TestWhoHandlesDevices(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	h.person(t, "alice", func(u *authcore.User) { u.Tenant = "acme" })
	d, _ := h.fob(t, func(d *authcore.Device) { d.UserID = u.ID })
	h.write(t, func(tx authcore.Tx) error {
		return tx.SetAttributes(authcore.Subject{Kind: authcore.SubjectDevice, ID: d.ID}, dialect, authcore.Attributes{"device_type": "1"})
	})
	acme := authcore.ActingIntegrator(dialect, "acme")
	for name, do := range handling {
		none := do(t, h, acme, uuid.NewString())
		for what, ref := range map[string]string{"ID": d.ID, "serial": d.Serial} {
			err := do(t, h, acme, ref)
			wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
			if fmt.Sprint(err) != fmt.Sprint(none) {
				t.Errorf("%s by %s: %v, and of what does not exist: %v", name, what, err, none)
			}
		}
		if err := do(t, h, authcore.Actor{}, d.ID); err == nil {
			t.Errorf("%s: by nobody", name)
		}
		if err := do(t, h, h.acting(h.user(t, "bob-"+name), 0, 0), d.ID); err == nil {
			t.Errorf("%s: by a stranger", name)
		}
		if _, own := removals[name]; !own && name != "attributes" {
			wantCode(t, do(t, h, h.fresh(u), d.ID), authcore.CodeForbidden)
		}
	}
	if now := h.owned(t, d.ID); now.UserID != u.ID || now.Status != d.Status || now.Epoch != d.Epoch {
		t.Errorf("changed: %+v", now)
	}
}

// HND-01: of many who give one device to different users at once, at two gateways, one
// wins, and the others are told that it is another's.
func TestOneOfManyAssignsWins(t *testing.T) {
	h := newCore(t, nil)
	nodes := []*house{h, h.again(t, nil)}
	var users []string
	for range 20 {
		users = append(users, h.user(t, uuid.NewString()[:13]).ID)
	}
	d, _ := h.fob(t, nil)
	won := parallel(len(users), func(i int) error {
		_, err := nodes[i%2].Devices.Assign(t.Context(), erp(), d.Serial, users[i], false)
		if err != nil {
			wantReason(t, err, authcore.CodeConflict, authcore.ReasonAssigned)
		}
		return err
	})
	if won != 1 || len(h.events(t, "device.assign")) != 1 {
		t.Errorf("%d assignments, %d audited, want 1", won, len(h.events(t, "device.assign")))
	}
}

// DEV-10: who loses a device is told, and who gets it.
func TestAssignmentsAreTold(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", mail)
	h.person(t, "bob", mail)
	d, _ := h.fob(t, nil)
	for _, do := range []func() error{
		func() error { _, err := h.Devices.Assign(t.Context(), erp(), d.ID, "alice", false); return err },
		func() error { _, err := h.Devices.Assign(t.Context(), erp(), d.ID, "bob", true); return err },
		func() error { _, err := h.Devices.Remove(t.Context(), erp(), d.ID); return err },
	} {
		must(t, do())
		h.live.Settle() // in this order
	}
	got := h.news(t, outbox, 0)
	for i, want := range []string{
		"alice@example.com Doorward: device added: code gen", "alice@example.com Doorward: device removed: code gen",
		"bob@example.com Doorward: device added: code gen", "bob@example.com Doorward: device removed: code gen",
	} {
		if len(got) != 4 || !strings.HasPrefix(got[i], want) {
			t.Fatalf("told %q, want %q", got, want)
		}
	}
}

// LCK-12: who administers lifts a pause after wrong codes. The wrong codes stay
// counted, no session ends, and a device that has had as many as it may stays as it is.
func TestUnblockLiftsAPause(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login, id := h.login(t, m), m.device.Device.ID
	_, err := h.Devices.Unblock(t.Context(), erp(), id)
	wantReason(t, err, authcore.CodeConflict, "") // neither blocked nor paused
	wrong := func() {
		t.Helper()
		for range 10 {
			if _, err := h.Logins.Second(t.Context(), m.verified, m.wrong(t)); err == nil {
				t.Fatal("a wrong code logged in")
			}
		}
	}
	for n := 1; n <= 9; n++ {
		wrong()
		_, err := h.Logins.Second(t.Context(), m.verified, m.code(t))
		wantCode(t, err, authcore.CodeThrottled)
		m.next--
		d, err := h.Devices.Unblock(t.Context(), erp(), id)
		must(t, err)
		if a := h.attempts(t, id); a.Total != 10*n || a.Failures != 0 || !a.PausedUntil.IsZero() || d.Status != authcore.StatusActive {
			t.Fatalf("lifted: %+v", a)
		}
	}
	_, err = h.Logins.Second(t.Context(), m.verified, m.code(t))
	must(t, err)
	h.passes(t, login.Token)
	if rows := h.events(t, "device.unblock"); len(rows) != 9 || rows[0].UserID != m.user.ID {
		t.Errorf("%d audited", len(rows))
	}
	wrong()
	_, err = h.Devices.Unblock(t.Context(), erp(), id)
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonPaused)
	h.clock.Turn(time.Hour)
	h.refresh(t)
	_, err = h.Devices.Unblock(t.Context(), authcore.Operator(), id)
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonPaused)
	if _, err = h.Logins.Second(t.Context(), m.verified, m.code(t)); err == nil {
		t.Error("a device at its cap logged in")
	}
	_, err = h.Devices.Block(t.Context(), erp(), id) // and then as before
	must(t, err)
	h.refuses(t, login.Token)
	_, err = h.Devices.Unblock(t.Context(), erp(), id)
	must(t, err)
}
