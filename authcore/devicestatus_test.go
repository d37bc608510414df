package authcore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// fresh is the user as he is who has shown both factors just now.
func (h *house) fresh(u authcore.User) authcore.Actor { return h.acting(u, 0, 0) }

// acting is the user who showed his password and a code so long ago, in a session
// that stands.
func (h *house) acting(u authcore.User, password, code time.Duration) authcore.Actor {
	now := h.clock.Now()
	s := authcore.Session{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, AuthTime: now.Add(-password), OTPTime: now.Add(-code), ExpiresAt: now.Add(time.Hour),
	}
	if err := h.store.Write(context.Background(), func(tx authcore.Tx) error { return tx.CreateSession(s) }); err != nil && authcore.CodeOf(err) != authcore.CodeConflict { // no such user
		panic(err)
	}
	return authcore.ActingUser(&authcore.Principal{UserID: u.ID, SessionID: s.ID, AuthTime: s.AuthTime, OTPTime: s.OTPTime})
}

// Law 7: what a session may change it may not once it has ended, also when its
// token was proven just before, as another node or a hash that takes its time has it.
func TestSessionThatEndsMeanwhileChangesNothing(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.device(t, "alice", authcore.KindTOTP)
	stolen := authcore.ActingUser(h.passes(t, h.login(t, m).Token))
	own := authcore.ActingUser(h.passes(t, h.login(t, m).Token))
	_, err := h.Sessions.RevokeOthers(t.Context(), own)
	must(t, err)
	strange := authcore.ActingUser(&authcore.Principal{UserID: m.user.ID, SessionID: h.passes(t, h.login(t, h.member(t, "bob")).Token).SessionID, AuthTime: h.clock.Now(), OTPTime: h.clock.Now()})
	for what, actor := range map[string]authcore.Actor{"one that has ended": stolen, "one of another": strange} {
		for name, remove := range removals {
			if err := remove(t, h, actor, m.device.Device.ID); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
				t.Errorf("%s by %s: %v", name, what, err)
			}
		}
		if codes, err := h.Devices.NewBackupCodes(t.Context(), actor, authcore.AnyCodes); authcore.CodeOf(err) != authcore.CodeUnauthenticated || codes != nil {
			t.Errorf("backup codes for %s: %v", what, err)
		}
		if err := h.Users.ChangePassword(t.Context(), actor, shows("", password), newPassword); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			t.Errorf("a password by %s: %v", what, err)
		}
	}
	must(t, removals["block"](t, h, own, m.device.Device.ID))
}

// put makes a device of a user in any state.
func (h *house) put(t testing.TB, u authcore.User, kind authcore.DeviceKind, status authcore.DeviceStatus) string {
	t.Helper()
	d := authcore.Device{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: uuid.NewString()[:18],
		Kind: kind, Status: status, Address: "+79001234567", LastCounter: -1, CreatedAt: h.clock.Now(),
	}
	h.write(t, func(tx authcore.Tx) error { return tx.CreateDevice(d) })
	return d.ID
}

// removals are what its owner may do with a device.
var removals = map[string]func(*testing.T, *house, authcore.Actor, string) error{
	"block": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Block(t.Context(), a, id)
		return err
	},
	"deactivate": func(t *testing.T, h *house, a authcore.Actor, id string) error {
		_, err := h.Devices.Deactivate(t.Context(), a, id)
		return err
	},
}

// DEV-01: a user blocks and removes his devices with both factors, ten minutes
// old at most, and unblocks none.
func TestRemovingOnesOwnDevice(t *testing.T) {
	h := newCore(t, nil)
	for name, remove := range removals {
		t.Run(name, func(t *testing.T) {
			m := h.member(t, "alice-"+name)
			h.put(t, m.user, authcore.KindTOTP, authcore.StatusActive)
			login := h.login(t, m)
			const old = 10*time.Minute + time.Second
			for what, actor := range map[string]authcore.Actor{
				"an old code": h.acting(m.user, 0, old), "an old password": h.acting(m.user, old, 0),
				"a code of the future": h.acting(m.user, 0, -time.Minute), "no factor": authcore.ActingUser(&authcore.Principal{UserID: m.user.ID}),
			} {
				if err := remove(t, h, actor, m.device.Device.ID); authcore.CodeOf(err) != authcore.CodeStepUp {
					t.Errorf("%s: %v", what, err)
				}
			}
			h.passes(t, login.Token)
			must(t, remove(t, h, h.acting(m.user, 10*time.Minute, 10*time.Minute), m.device.Device.ID))
			h.refuses(t, login.Token) // what the device opened
			_, err := h.Devices.Unblock(t.Context(), h.fresh(m.user), m.device.Device.ID)
			wantCode(t, err, authcore.CodeForbidden)
			if n := h.reasons(t, "device."+name)[""]; n != 1 {
				t.Errorf("%d audited", n)
			}
		})
	}
}

// The last device that could log him in stays, however the others look.
func TestLastDeviceStays(t *testing.T) {
	h, _ := phones(t, func(o *authcore.Options) {
		delete(o.Channels, authcore.KindEmail)
		o.Factors = authcore.Factors{authcore.KindTOTP, authcore.KindPhone, authcore.KindEmail}
	})
	for _, c := range []struct {
		name   string
		kind   authcore.DeviceKind
		status authcore.DeviceStatus
		enough bool
	}{
		{"another app", authcore.KindTOTP, authcore.StatusActive, true},
		{"a phone", authcore.KindPhone, authcore.StatusActive, true},
		{"a phone that is not confirmed", authcore.KindPhone, authcore.StatusPending, false},
		{"a phone that is blocked", authcore.KindPhone, authcore.StatusBlocked, false},
		{"a phone that was removed", authcore.KindPhone, authcore.StatusDeactivated, false},
		{"a kind that does not count", authcore.KindHOTP, authcore.StatusActive, false},
		{"a kind without a channel", authcore.KindEmail, authcore.StatusActive, false},
		{"backup codes", authcore.KindBackup, authcore.StatusActive, false},
	} {
		for name, remove := range removals {
			t.Run(c.name+" "+name, func(t *testing.T) {
				u, other := h.user(t, uuid.NewString()[:13]), h.user(t, uuid.NewString()[:13])
				h.put(t, other, authcore.KindTOTP, authcore.StatusActive)
				id := h.put(t, u, authcore.KindTOTP, authcore.StatusActive)
				h.put(t, u, c.kind, c.status)
				err := remove(t, h, h.fresh(u), id)
				if c.enough {
					must(t, err)
					return
				}
				wantCode(t, err, authcore.CodeConflict)
				if d, _, err := h.Devices.Get(t.Context(), h.fresh(u), id); err != nil || d.Status != authcore.StatusActive {
					t.Errorf("the device is %s, %v", d.Status, err)
				}
				must(t, remove(t, h, authcore.Operator(), id)) // who is held to no such rule
			})
		}
	}
}

// What opens nothing yet or any more may go, and backup codes while there is a
// device.
func TestRemovingWhatOpensNothing(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	backup := h.put(t, u, authcore.KindBackup, authcore.StatusActive)
	deactivate := func(id string) error { return removals["deactivate"](t, h, h.fresh(u), id) }
	wantCode(t, deactivate(backup), authcore.CodeConflict) // all he has
	must(t, deactivate(h.put(t, u, authcore.KindTOTP, authcore.StatusPending)))
	must(t, deactivate(h.put(t, u, authcore.KindTOTP, authcore.StatusBlocked)))
	h.put(t, u, authcore.KindTOTP, authcore.StatusActive)
	must(t, deactivate(backup))
	pending := h.put(t, u, authcore.KindTOTP, authcore.StatusPending)
	wantCode(t, removals["deactivate"](t, h, h.acting(u, time.Hour, time.Hour), pending), authcore.CodeStepUp)
	wantCode(t, removals["block"](t, h, h.fresh(u), pending), authcore.CodeConflict)
}

// Of two removals of the last two devices at once one wins.
func TestOneOfTheLastTwoStays(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	both := []string{h.put(t, u, authcore.KindTOTP, authcore.StatusActive), h.put(t, u, authcore.KindHOTP, authcore.StatusActive)}
	if won := parallel(20, func(i int) error { return removals["block"](t, h, h.fresh(u), both[i%2]) }); won != 1 {
		t.Errorf("%d removals, want 1", won)
	}
}
