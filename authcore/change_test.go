package authcore_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// changed is what Change makes of a device.
func (h *house) changed(t testing.TB, actor authcore.Actor, ref string, c authcore.DeviceChanges) authcore.Device {
	t.Helper()
	d, err := h.Devices.Change(t.Context(), actor, ref, c)
	must(t, err)
	if stored := h.owned(t, d.ID); !cmp.Equal(stored, d) {
		t.Errorf("it gave %s", cmp.Diff(stored, d))
	}
	return d
}

// One call changes all of a device, in one version; what is so already is no change.
func TestChange(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	id := m.device.Device.ID
	before := h.owned(t, id)
	h.clock.Turn(time.Second)
	all := authcore.DeviceChanges{
		Name: new("  her fob "), Status: new(authcore.StatusBlocked), Notified: new(true), Version: &before.Version, Epoch: &before.Epoch,
		Dialect: dialect, Attributes: authcore.Attributes{"os": "x"}, From: authcore.Origin{Address: "192.0.2.7", RequestID: "r"},
	}
	d := h.changed(t, erp(), id, all)
	if d.Name != "her fob" || d.Status != authcore.StatusBlocked || !d.Notified || d.Version != 2 || d.Epoch != before.Epoch+1 || !d.ChangedAt.Equal(h.clock.Now()) {
		t.Errorf("changed: %+v", d)
	}
	h.refuses(t, login.Token)
	h.again(t, nil).refuses(t, login.Token)
	a, err := h.Devices.Attributes(t.Context(), erp(), id, dialect)
	if must(t, err); !cmp.Equal(a, authcore.Attributes{"os": "x"}) {
		t.Errorf("remembered %v", a)
	}
	events := map[string]int{"device.rename": 1, "device.block": 1, "device.notices": 1, "device.change": 1}
	for action, want := range events {
		if got := h.reasons(t, action)[""]; got != want {
			t.Errorf("%s: %d audited", action, got)
		}
	}
	if e := h.events(t, "device.block")[0]; e.Address != "192.0.2.7" || e.RequestID != "r" {
		t.Errorf("audited %+v", e)
	}
	h.clock.Turn(time.Minute)
	all.Version, all.Epoch = nil, nil
	if again := h.changed(t, erp(), id, all); !cmp.Equal(again, d) {
		t.Errorf("what is so already was changed: %s", cmp.Diff(d, again))
	}
	for action, want := range events {
		if got := h.reasons(t, action)[""]; got != want {
			t.Errorf("%s of what is so already: %d audited", action, got)
		}
	}
}

// Who believes what is no longer so is told, and nothing is changed; of many who change one
// version at once one does.
func TestStaleChanges(t *testing.T) {
	h := newCore(t, nil)
	d, _ := h.fob(t, nil)
	for what, c := range map[string]authcore.DeviceChanges{
		"an older version": {Name: new("x"), Version: new(int64(0))}, "a newer one": {Name: new("x"), Version: new(int64(2))},
		"another epoch": {Name: new("x"), Version: new(int64(1)), Epoch: new(int64(1))}, "nothing else": {Version: new(int64(2))},
	} {
		_, err := h.Devices.Change(t.Context(), erp(), d.ID, c)
		wantReason(t, err, authcore.CodeConflict, authcore.ReasonStale)
		if now := h.owned(t, d.ID); now.Name != "" || now.Version != 1 {
			t.Errorf("%s changed it: %+v", what, now)
		}
	}
	nodes, wins := []*house{h, h.again(t, nil)}, atomic.Int64{}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := nodes[i%2].Devices.Change(t.Context(), erp(), d.ID, authcore.DeviceChanges{Name: new(uuid.NewString()), Version: new(int64(1))})
			switch {
			case err == nil:
				wins.Add(1)
			case authcore.ReasonOf(err) != authcore.ReasonStale:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if now := h.owned(t, d.ID); wins.Load() != 1 || now.Version != 2 {
		t.Errorf("%d won, and the version is %d", wins.Load(), now.Version)
	}
}

// Whatever changes what is shown of a device counts in its version, once for a transaction;
// its use does not.
func TestVersions(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	id := alice.device.Device.ID
	if v := alice.device.Device; v.Version != 1 || v.Number == 0 || !v.ChangedAt.IsZero() {
		t.Errorf("a new one: %+v", v)
	}
	version := int64(1)
	for _, c := range []struct {
		what  string
		raise int64
		do    func() error
	}{
		{"its use", 0, func() error { h.login(t, alice); return nil }},
		{"a name", 1, func() error { return second(h.Devices.Rename(t.Context(), erp(), id, "x")) }},
		{"block", 1, func() error { return second(h.Devices.Block(t.Context(), erp(), id)) }},
		{"unblock", 1, func() error { return second(h.Devices.Unblock(t.Context(), erp(), id)) }},
		{"to another", 1, func() error { return second(h.Devices.Assign(t.Context(), erp(), id, "bob", true)) }},
		{"to him again", 0, func() error { return second(h.Devices.Assign(t.Context(), erp(), id, "bob", true)) }},
		{"to stock", 1, func() error { return second(h.Devices.Unassign(t.Context(), erp(), id)) }},
		{"deactivate", 1, func() error { return second(h.Devices.Deactivate(t.Context(), erp(), id)) }},
	} {
		h.clock.Turn(time.Minute)
		must(t, c.do())
		version += c.raise
		if now := h.owned(t, id); now.Version != version || c.raise > 0 && !now.ChangedAt.Equal(h.clock.Now()) {
			t.Errorf("%s: the version is %d of %v, want %d", c.what, now.Version, now.ChangedAt, version)
		}
	}
	other := bob.device.Device.ID
	h.changed(t, erp(), other, authcore.DeviceChanges{Notified: new(true)})
	next := h.device(t, "bob", authcore.KindTOTP).Device
	h.changed(t, erp(), next.ID, authcore.DeviceChanges{Notified: new(true)})
	if now := h.owned(t, other); now.Version != 3 || now.Notified {
		t.Errorf("the mark was taken from %+v", now)
	}
}

// What a device can't become, it does not, whatever else is asked with it.
func TestChangesThatAreRefused(t *testing.T) {
	h, _ := phones(t, nil)
	alice := h.person(t, "alice", mail)
	h.person(t, "bob", mail)
	id := map[string]string{
		"email": h.put(t, alice, authcore.KindEmail, authcore.StatusActive), "totp": h.put(t, alice, authcore.KindTOTP, authcore.StatusActive),
		"pending": h.put(t, alice, authcore.KindPhone, authcore.StatusPending), "gone": h.put(t, alice, authcore.KindPhone, authcore.StatusDeactivated),
		"backup": h.put(t, alice, authcore.KindBackup, authcore.StatusBlocked), "mobile": h.put(t, alice, authcore.KindMobile, authcore.StatusActive),
	}
	stock, _ := h.fob(t, nil)
	id["stock"] = stock.ID
	for what, c := range map[string]struct {
		of     string
		c      authcore.DeviceChanges
		code   authcore.Code
		reason authcore.Reason
	}{
		"no state":                 {"totp", authcore.DeviceChanges{Status: new(authcore.StatusRejected)}, authcore.CodeInvalid, ""},
		"back from the end":        {"gone", authcore.DeviceChanges{Status: new(authcore.StatusActive)}, authcore.CodeConflict, ""},
		"block what is pending":    {"pending", authcore.DeviceChanges{Status: new(authcore.StatusBlocked)}, authcore.CodeConflict, ""},
		"activate what is":         {"pending", authcore.DeviceChanges{Status: new(authcore.StatusActive)}, authcore.CodeConflict, ""},
		"backup codes":             {"backup", authcore.DeviceChanges{Status: new(authcore.StatusActive)}, authcore.CodeConflict, ""},
		"a name that can't be":     {"totp", authcore.DeviceChanges{Name: new("a\nb")}, authcore.CodeInvalid, ""},
		"an address":               {"email", authcore.DeviceChanges{Address: new("b@example.com")}, authcore.CodeConflict, authcore.ReasonFixed},
		"no address":               {"mobile", authcore.DeviceChanges{Address: new("")}, authcore.CodeInvalid, ""},
		"an address with a space":  {"mobile", authcore.DeviceChanges{Address: new("a b")}, authcore.CodeInvalid, ""},
		"told in stock":            {"stock", authcore.DeviceChanges{Notified: new(true)}, authcore.CodeInvalid, ""},
		"told at backup codes":     {"backup", authcore.DeviceChanges{Notified: new(true)}, authcore.CodeInvalid, ""},
		"told at what is gone":     {"gone", authcore.DeviceChanges{Notified: new(true)}, authcore.CodeConflict, authcore.ReasonInactive},
		"marked when it goes":      {"totp", authcore.DeviceChanges{Notified: new(true), Status: new(authcore.StatusDeactivated)}, authcore.CodeConflict, authcore.ReasonInactive},
		"named by an app":          {"totp", authcore.DeviceChanges{LogsIn: new(true)}, authcore.CodeInvalid, ""},
		"named by what may be not": {"pending", authcore.DeviceChanges{LogsIn: new(true)}, authcore.CodeConflict, authcore.ReasonInactive},
		"named by what is gone":    {"gone", authcore.DeviceChanges{LogsIn: new(true)}, authcore.CodeConflict, authcore.ReasonInactive},
		"of no dialect":            {"totp", authcore.DeviceChanges{Attributes: authcore.Attributes{"a": "b"}}, authcore.CodeInvalid, ""},
		"of another dialect":       {"totp", authcore.DeviceChanges{Dialect: "other", Attributes: authcore.Attributes{"a": "b"}}, authcore.CodeForbidden, ""},
	} {
		before := h.owned(t, id[c.of])
		if c.c.Name == nil {
			c.c.Name = new("renamed")
		}
		_, err := h.Devices.Change(t.Context(), erp(), id[c.of], c.c)
		if authcore.CodeOf(err) != c.code || authcore.ReasonOf(err) != c.reason {
			t.Errorf("%s: %v", what, err)
		}
		if _, dry := h.Devices.CheckChange(t.Context(), erp(), id[c.of], c.c); answer(dry) != answer(err) {
			t.Errorf("%s: a check says %v", what, dry)
		}
		if diff := cmp.Diff(before, h.owned(t, id[c.of])); diff != "" {
			t.Errorf("%s changed it: %s", what, diff)
		}
	}
	if d := h.changed(t, erp(), id["mobile"], authcore.DeviceChanges{Address: new("push-2")}); d.Address != "push-2" || d.Version != 2 {
		t.Errorf("an app with another address: %+v", d)
	}
}

// A check says what a change would be, and leaves nothing of it: no row, no notice, no end
// of a session.
func TestCheckChange(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", mail)
	m := &member{device: h.device(t, "alice", authcore.KindHOTP), verified: h.verified(t, "alice")}
	login := h.login(t, m)
	before, told := h.owned(t, m.device.Device.ID), len(h.news(t, outbox, 0))
	c := authcore.DeviceChanges{Name: new("x"), Status: new(authcore.StatusDeactivated), Dialect: dialect, Attributes: authcore.Attributes{"a": "b"}}
	d, err := h.Devices.CheckChange(t.Context(), erp(), before.ID, c)
	if must(t, err); d.Name != "x" || d.Status != authcore.StatusDeactivated || d.Version != before.Version+1 {
		t.Errorf("it would be %+v", d)
	}
	if diff := cmp.Diff(before, h.owned(t, before.ID)); diff != "" {
		t.Error("it was changed:", diff)
	}
	h.passes(t, login.Token)
	h.again(t, nil).passes(t, login.Token)
	if a, err := h.Devices.Attributes(t.Context(), erp(), before.ID, dialect); err != nil || len(a) != 0 {
		t.Errorf("remembered %v, %v", a, err)
	}
	if n := len(h.reasons(t, "device.deactivate")) + len(h.reasons(t, "device.rename")); n != 0 {
		t.Errorf("%d audited", n)
	}
	if news := h.news(t, outbox, told); len(news) != 0 {
		t.Errorf("told %q", news)
	}
}

// What a dialect notes of a device that it did not register shows it no key.
func TestDescribedElsewhere(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d, _ := h.fob(t, func(d *authcore.Device) { d.UserID, d.Kind, d.Period = u.ID, authcore.KindTOTP, 30 })
	h.changed(t, erp(), d.ID, authcore.DeviceChanges{Dialect: dialect, Attributes: authcore.Attributes{"os": "x"}})
	h.changed(t, erp(), d.ID, authcore.DeviceChanges{Dialect: dialect, Attributes: authcore.Attributes{"os": "y"}})
	a, err := h.Devices.Attributes(t.Context(), erp(), d.ID, dialect)
	if must(t, err); !cmp.Equal(a, authcore.Attributes{"os": "y"}) {
		t.Errorf("remembered %v", a)
	}
	all, err := h.Devices.Remembered(t.Context(), erp(), []authcore.Device{d}, dialect)
	if must(t, err); !cmp.Equal(all.Attributes, map[string]authcore.Attributes{d.ID: {"os": "y"}}) {
		t.Errorf("remembered %v", all)
	}
	_, _, err = h.Devices.Show(t.Context(), erp(), d.ID, "")
	wantCode(t, err, authcore.CodeConflict)
	_, err = h.Devices.Claim(t.Context(), erp(), d.ID, dialect, "physical_device", "x")
	wantCode(t, err, authcore.CodeConflict)
	for name, actor := range map[string]authcore.Actor{"another tenant": authcore.ActingIntegrator(dialect, "acme"), "a stranger": h.fresh(h.user(t, "bob"))} {
		if _, err := h.Devices.Remembered(t.Context(), actor, []authcore.Device{d}, dialect); authcore.CodeOf(err) != authcore.CodeNotFound || err == nil {
			t.Errorf("%s reads them: %v", name, err)
		}
	}
	var e *authcore.Error
	if _, err := h.Devices.Remembered(t.Context(), erp(), make([]authcore.Device, 1001), dialect); !errors.As(err, &e) || e.Code != authcore.CodeInvalid {
		t.Errorf("of 1001 devices: %v", err)
	}
}
