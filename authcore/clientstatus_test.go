package authcore_test

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// ownBrowser is a client device of a user's own in any state; a pending one waits for
// him to approve it from another device.
func (h *house) ownBrowser(t testing.TB, u authcore.User, status authcore.DeviceStatus, account string) authcore.Device {
	t.Helper()
	d := authcore.Device{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: uuid.NewString()[:12], Kind: authcore.KindClient,
		Status: status, Awaits: authcore.AwaitsApproval, LastCounter: -1, CreatedAt: h.clock.Now(),
	}
	secret := sha256.Sum256([]byte(d.ID))
	h.write(t, func(tx authcore.Tx) error {
		if err := tx.CreateDevice(d); err != nil {
			return err
		}
		return tx.CreateClient(authcore.Client{DeviceID: d.ID, Account: account, Marks: authcore.Marks{Secret: secret[:]}})
	})
	if status == authcore.StatusPending {
		h.asksFor(t, d, authcore.WayDevice)
	}
	return d
}

// asksFor stores a request for d that waits.
func (h *house) asksFor(t testing.TB, d authcore.Device, way authcore.ApprovalWay) authcore.Approval {
	t.Helper()
	secret, now := sha256.Sum256([]byte(d.ID)), h.clock.Now()
	a := authcore.Approval{
		ID: uuid.NewString(), DeviceID: d.ID, UserID: d.UserID, Way: way, State: authcore.ApprovalPending,
		Marks: authcore.Marks{Secret: secret[:]}, CreatedAt: now, TokenExpiresAt: now, ExpiresAt: now.Add(24 * time.Hour),
	}
	h.write(t, func(tx authcore.Tx) error { return tx.PutApproval(a) })
	return a
}

// on is the user who showed both factors just now, in a session that is bound to d.
func (h *house) on(t testing.TB, u authcore.User, d authcore.Device) authcore.Actor {
	t.Helper()
	return h.actingOn(t, u, d, 0, 0)
}

func (h *house) actingOn(t testing.TB, u authcore.User, d authcore.Device, password, code time.Duration) authcore.Actor {
	t.Helper()
	now := h.clock.Now()
	s := authcore.Session{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, ClientDevice: d.ID,
		AuthTime: now.Add(-password), OTPTime: now.Add(-code), ExpiresAt: now.Add(time.Hour),
	}
	h.write(t, func(tx authcore.Tx) error { return tx.CreateSession(s) })
	return authcore.ActingUser(&authcore.Principal{UserID: u.ID, Tenant: u.Tenant, SessionID: s.ID, AuthTime: s.AuthTime, OTPTime: s.OTPTime})
}

// asked is what was asked for d last.
func (h *house) asked(t testing.TB, d authcore.Device) (a authcore.Approval) {
	t.Helper()
	h.read(t, func(tx authcore.Tx) (err error) { a, err = tx.Approval(d.ID); return err })
	return a
}

// states are those that d came through.
func (h *house) states(t testing.TB, d authcore.Device) (states []authcore.DeviceStatus) {
	t.Helper()
	h.read(t, func(tx authcore.Tx) error {
		history, err := tx.History(d.ID)
		for _, c := range history {
			if states = append(states, c.Status); !c.At.Equal(h.clock.Now()) {
				t.Errorf("%s at %s", c.Status, c.At)
			}
		}
		return err
	})
	return states
}

// CLI-20: a client device is blocked and deactivated by its owner with fresh factors,
// though it be the only one, and unblocked by who administers; each state is in its
// history, and ends the sessions that are bound to it.
func TestStatusOfAClientDevice(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d := h.ownBrowser(t, u, authcore.StatusActive, "")
	for name, remove := range removals {
		wantCode(t, remove(t, h, h.acting(u, 11*time.Minute, 0), d.ID), authcore.CodeStepUp)
		wantCode(t, remove(t, h, h.acting(u, 0, 11*time.Minute), d.ID), authcore.CodeStepUp)
		wantCode(t, remove(t, h, h.fresh(h.user(t, "stranger-"+name)), d.ID), authcore.CodeNotFound)
	}
	bound := h.on(t, u, d)
	got, err := h.Devices.Block(t.Context(), bound, d.Serial)
	must(t, err)
	if got.Status != authcore.StatusBlocked || got.Epoch != d.Epoch+1 || h.owned(t, d.ID).Epoch != got.Epoch {
		t.Errorf("blocked: %+v", got)
	}
	_, err = h.Devices.Deactivate(t.Context(), bound, d.ID) // the session has ended
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Devices.Unblock(t.Context(), h.fresh(u), d.ID)
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Devices.Unblock(t.Context(), authcore.Operator(), d.ID)
	must(t, err)
	_, err = h.Devices.Deactivate(t.Context(), h.fresh(u), d.ID)
	must(t, err)
	_, err = h.Devices.Unblock(t.Context(), authcore.Operator(), d.ID)
	wantCode(t, err, authcore.CodeConflict)
	want := []authcore.DeviceStatus{authcore.StatusBlocked, authcore.StatusActive, authcore.StatusDeactivated}
	if got := h.states(t, d); !slices.Equal(got, want) {
		t.Errorf("the history is %v, want %v", got, want)
	}
	if got := h.owned(t, d.ID); got.Epoch != d.Epoch+3 || got.Status != authcore.StatusDeactivated {
		t.Errorf("%+v", got)
	}
}

// CLI-20: nobody's unblocking lets in what waits, and what stops a device refuses what
// it waits for, pending or not.
func TestWhatStopsAClientDeviceRefusesItsRequest(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	pending := h.ownBrowser(t, u, authcore.StatusPending, "")
	for _, move := range []func() error{
		func() error {
			_, err := h.Devices.Unblock(t.Context(), authcore.Operator(), pending.ID)
			return err
		},
		func() error { _, err := h.Devices.Block(t.Context(), authcore.Operator(), pending.ID); return err },
	} {
		wantCode(t, move(), authcore.CodeConflict)
	}
	if h.asked(t, pending).State != authcore.ApprovalPending || h.owned(t, pending.ID).Status != authcore.StatusPending {
		t.Fatal("what waits was decided")
	}
	must(t, removals["deactivate"](t, h, h.fresh(u), pending.ID))
	renewed := h.ownBrowser(t, u, authcore.StatusActive, "")
	h.asksFor(t, renewed, authcore.WayPhone)
	must(t, removals["block"](t, h, h.fresh(u), renewed.ID))
	for _, d := range []authcore.Device{pending, renewed} {
		if a := h.asked(t, d); a.State != authcore.ApprovalRefused || !a.DecidedAt.Equal(h.clock.Now()) {
			t.Errorf("what a %s device waited for is %s", h.owned(t, d.ID).Status, a.State)
		}
	}
}

// CLI-21: a client device counts for no login: it is not the other device that lets the
// last one go, no first device, no receiver of codes and no device that codes are of.
func TestClientDeviceIsNoSecondFactor(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	d := h.ownBrowser(t, m.user, authcore.StatusActive, "")
	waits := h.ownBrowser(t, m.user, authcore.StatusPending, "")
	for name, remove := range removals {
		if err := remove(t, h, h.fresh(m.user), m.device.Device.ID); authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("%s of the last one that logs in: %v", name, err)
		}
	}
	for _, ref := range []authcore.Device{d, waits} {
		for _, code := range []string{"123456", ""} {
			_, err := h.Devices.Validate(t.Context(), authcore.Operator(), authcore.Checked{Device: ref.ID, Code: code})
			wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
		}
		_, err := h.Devices.SendCode(t.Context(), authcore.Operator(), authcore.CodeToSend{User: "alice", Device: ref.Serial, By: authcore.KindPhone})
		wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
		_, err = h.Devices.Resynchronise(t.Context(), authcore.Operator(), ref.ID, "123456", "123457")
		wantCode(t, err, authcore.CodeInvalid)
		_, _, err = h.Devices.Show(t.Context(), erp(), ref.ID, "")
		wantCode(t, err, authcore.CodeInvalid)
	}
	bob := h.user(t, "bob")
	h.ownBrowser(t, bob, authcore.StatusActive, "")
	_, err := h.Devices.Validate(t.Context(), authcore.Operator(), authcore.Checked{User: "bob", Code: "123456"})
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNone)
	h.login(t, m) // and is in nobody's way
}

// CLI-22: a client device is nobody else's, ever: it is not assigned, by force or not, nor
// put in stock, also not when its user goes.
func TestClientDeviceChangesNoHands(t *testing.T) {
	h := newCore(t, nil)
	alice, _ := h.user(t, "alice"), h.user(t, "bob")
	d := h.ownBrowser(t, alice, authcore.StatusActive, "")
	for _, force := range []bool{false, true} {
		for _, to := range []string{"alice", "bob"} {
			_, err := h.Devices.Assign(t.Context(), authcore.Operator(), d.ID, to, force)
			wantReason(t, err, authcore.CodeConflict, "")
		}
	}
	_, err := h.Devices.Unassign(t.Context(), authcore.Operator(), d.ID)
	wantReason(t, err, authcore.CodeConflict, "")
	if h.owned(t, d.ID).UserID != alice.ID {
		t.Error("it changed hands")
	}
	_, err = h.Users.RemoveAlone(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	_, _, err = h.Devices.Get(t.Context(), authcore.Operator(), d.ID)
	wantCode(t, err, authcore.CodeNotFound)
}

// CLI-22: what waits is not renamed into a device that somebody knows.
func TestClientDeviceTakesNoOthersName(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d, waits, gone := h.ownBrowser(t, u, authcore.StatusActive, ""), h.ownBrowser(t, u, authcore.StatusPending, ""), h.ownBrowser(t, u, authcore.StatusDeactivated, "")
	rename := func(d authcore.Device, name string) error {
		_, err := h.Devices.Rename(t.Context(), h.fresh(u), d.ID, name)
		return err
	}
	must(t, rename(gone, "old"))
	must(t, rename(d, "laptop"))
	must(t, rename(d, " laptop "))
	must(t, rename(h.device(t, "alice", authcore.KindTOTP).Device, "phone"))
	for _, name := range []string{"old", "phone", ""} {
		must(t, rename(waits, name))
	}
	wantCode(t, rename(waits, "laptop "), authcore.CodeConflict)
	bob := h.user(t, "bob")
	_, err := h.Devices.Rename(t.Context(), h.fresh(bob), h.ownBrowser(t, bob, authcore.StatusActive, "").ID, "laptop")
	must(t, err)
}
