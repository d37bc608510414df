package authcore_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// Law 7, OTP-20: a password alone enrols the first device; its first code
// activates it, logs in, and is burned.
func TestFirstApp(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	v := h.verified(t, "alice")
	first := h.next(t, v)
	if first.Kind != authcore.KindTOTP || !first.Enrol || len(first.Registered.Secret) != 20 || first.Registered.Device.Status != authcore.StatusPending {
		t.Fatalf("step %+v", first)
	}
	step := h.next(t, v) // the one shown last counts
	_, err := h.Logins.Second(t.Context(), v, authtest.TOTP(t, first.Registered.Secret, h.clock.Now()))
	wantCode(t, err, authcore.CodeUnauthenticated)
	code := authtest.TOTP(t, step.Registered.Secret, h.clock.Now())
	login, err := h.Logins.Second(t.Context(), v, code)
	must(t, err)
	if !login.Activated || login.Device.Status != authcore.StatusActive || login.Device.ID != step.Registered.Device.ID {
		t.Errorf("login %+v", login)
	}
	h.passes(t, login.Token)
	_, err = h.Logins.Second(t.Context(), v, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	if again := h.next(t, v); again.Kind != authcore.KindTOTP || again.Enrol || again.Registered.Secret != nil {
		t.Errorf("the secret is shown again: %+v", again)
	}
	if n := h.reasons(t, "device.activate")[""]; n != 1 {
		t.Errorf("%d activations in the audit", n)
	}
}

// Law 7: a password alone replaces no device that was ever active, whatever
// became of it, and none where a first device needs an invitation.
func TestPasswordAloneReplacesNothing(t *testing.T) {
	h, outbox := phones(t, nil)
	m := h.member(t, "alice")
	refused := func(t *testing.T, h *house, v *authcore.Verified, code authcore.Code) {
		t.Helper()
		_, err := h.Logins.SetPhone(t.Context(), v, "+79001234567")
		wantCode(t, err, code)
		_, err = h.Logins.SetApp(t.Context(), v)
		wantCode(t, err, code)
		if devices, err := h.Devices.List(t.Context(), authcore.Operator(), m.user.ID); err != nil || len(devices) != 1 || outbox.Sent() != 0 {
			t.Errorf("%v, %d devices, %d messages", err, len(devices), outbox.Sent())
		}
	}
	t.Run("active", func(t *testing.T) { refused(t, h, m.verified, authcore.CodeConflict) })
	_, err := h.Devices.Block(t.Context(), authcore.Operator(), m.device.Device.ID)
	must(t, err)
	t.Run("blocked", func(t *testing.T) {
		refused(t, h, m.verified, authcore.CodeConflict)
		if step := h.next(t, m.verified); step.Kind != "" || step.Enrol {
			t.Errorf("step %+v", step)
		}
	})
	_, err = h.Devices.Deactivate(t.Context(), authcore.Operator(), m.device.Device.ID)
	must(t, err)
	t.Run("deactivated", func(t *testing.T) { refused(t, h, m.verified, authcore.CodeConflict) })
	t.Run("invited", func(t *testing.T) {
		invite := h.again(t, func(o *authcore.Options) { o.InviteFirst = true })
		h.user(t, "bob")
		bob := invite.verified(t, "bob")
		if step := invite.next(t, bob); step.Kind != "" || step.Enrol {
			t.Errorf("step %+v", step)
		}
		_, err := invite.Logins.SetPhone(t.Context(), bob, "+79001234567")
		wantCode(t, err, authcore.CodeForbidden)
		_, err = invite.Logins.SetApp(t.Context(), bob)
		wantCode(t, err, authcore.CodeForbidden)
		open := h.next(t, h.verified(t, "bob")) // begun where no invitation is needed
		if open.Kind != authcore.KindPhone {
			t.Fatalf("step %+v", open)
		}
		r, err := h.Logins.SetApp(t.Context(), h.verified(t, "bob"))
		must(t, err)
		_, err = invite.Logins.Second(t.Context(), bob, authtest.TOTP(t, r.Secret, h.clock.Now()))
		wantCode(t, err, authcore.CodeUnauthenticated)
	})
}

// A phone is named once, the one named last counts, and its first code
// activates it. What the operator knows is not asked for.
func TestFirstPhone(t *testing.T) {
	h, outbox := phones(t, nil)
	h.user(t, "alice")
	v := h.verified(t, "alice")
	if step := h.next(t, v); step.Kind != authcore.KindPhone || !step.Enrol || step.Address != "" || outbox.Sent() != 0 {
		t.Fatalf("step %+v", step)
	}
	for _, number := range []string{"", "phone", "12345", "+7900123456789012"} {
		_, err := h.Logins.SetPhone(t.Context(), v, number)
		wantCode(t, err, authcore.CodeInvalid)
	}
	_, err := h.Logins.SetPhone(t.Context(), v, "+79001111111")
	must(t, err)
	old := outbox.Last(t).Code
	step, err := h.Logins.SetPhone(t.Context(), v, "+7 (900) 222-22-22")
	must(t, err)
	if step.Address != "+79002222222" || !step.Enrol || outbox.Last(t).To != "+79002222222" {
		t.Errorf("step %+v", step)
	}
	code := outbox.Last(t).Code
	if old != code {
		_, err = h.Logins.Second(t.Context(), v, old)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	if _, err := h.Logins.Send(t.Context(), v); err != nil { // also while it is pending
		t.Error(err)
	}
	login, err := h.Logins.Second(t.Context(), v, outbox.Last(t).Code)
	must(t, err)
	if !login.Activated || login.Device.Address != "+79002222222" {
		t.Errorf("login %+v", login)
	}
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	if len(devices) != 1 {
		t.Errorf("%d devices", len(devices))
	}

	_, err = h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "bob", Phone: "+79003333333", Password: password})
	must(t, err)
	bob := h.verified(t, "bob")
	_, err = h.Logins.SetPhone(t.Context(), bob, "+79004444444") // the operator named another
	wantCode(t, err, authcore.CodeConflict)
	if step := h.next(t, bob); step.Address != "+79003333333" || !step.Enrol {
		t.Errorf("step %+v", step)
	}
}

// E-mail counts only when it is named (law 6).
func TestEmailCountsWhenNamed(t *testing.T) {
	named := authcore.Factors{authcore.KindEmail}
	h, outbox := phones(t, func(o *authcore.Options) { o.Factors = named })
	_, err := h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "alice", Email: "alice@example.com", Language: "ru", Password: password})
	must(t, err)
	v := h.verified(t, "alice")
	if step := h.next(t, v); step.Kind != authcore.KindEmail || step.Address != "alice@example.com" {
		t.Fatalf("step %+v", step)
	}
	code := outbox.Last(t).Code
	unnamed := h.again(t, func(o *authcore.Options) { o.Factors = nil })
	_, err = unnamed.Logins.Second(t.Context(), v, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	if step := unnamed.next(t, v); step.Kind != authcore.KindTOTP {
		t.Errorf("by default the first device is %+v", step)
	}
	h.next(t, v) // enrols the address anew, for the app took its place
	login, err := h.Logins.Second(t.Context(), v, outbox.Last(t).Code)
	must(t, err)
	if p := h.passes(t, login.Token); strings.Join(p.AMR, " ") != "pwd otp mfa" {
		t.Errorf("amr %v", p.AMR)
	}
	h.user(t, "bob")
	_, err = h.Logins.SetPhone(t.Context(), h.verified(t, "bob"), "+79001234567")
	wantCode(t, err, authcore.CodeForbidden) // nor does a phone here
	_, err = h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindPhone, Address: "+79001234567"})
	wantCode(t, err, authcore.CodeInvalid) // phones don't count here
	_, err = h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP})
	wantCode(t, err, authcore.CodeInvalid) // nor do apps
}

// Two first devices at once: one becomes active.
func TestOneFirstDeviceWins(t *testing.T) {
	h, outbox := phones(t, nil)
	h.user(t, "alice")
	v := h.verified(t, "alice")
	_, err := h.Logins.SetPhone(t.Context(), v, "+79001111111")
	must(t, err)
	sms := outbox.Last(t).Code
	var pending authcore.Device
	h.write(t, func(tx authcore.Tx) error { // a second one, as a race would leave it
		devices, err := tx.Devices("", v2id(t, h, "alice"))
		pending = devices[0]
		other := pending
		other.ID, other.Serial, other.Address = "0190b7f0-0000-7000-8000-000000000001", "OTHER", "+79002222222"
		if err == nil {
			err = tx.CreateDevice(other)
		}
		return err
	})
	var won atomic.Int64
	var posts sync.WaitGroup
	for range 20 {
		posts.Go(func() {
			if _, err := h.Logins.Second(t.Context(), v, sms); err == nil {
				won.Add(1)
			}
		})
	}
	posts.Wait()
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	if err != nil || won.Load() != 1 || len(devices) != 1 || devices[0].ID != pending.ID || devices[0].Status != authcore.StatusActive {
		t.Errorf("%v, %d won, %+v", err, won.Load(), devices)
	}
}

func v2id(t *testing.T, h *house, name string) string {
	t.Helper()
	u, err := h.Users.Get(t.Context(), authcore.Operator(), name)
	must(t, err)
	return u.ID
}

// What ends a user's sessions ends what he was about to enrol.
func TestRevokedWhileEnrolling(t *testing.T) {
	h, _ := phones(t, nil)
	h.user(t, "alice")
	v := h.verified(t, "alice")
	r, err := h.Logins.SetApp(t.Context(), v)
	must(t, err)
	_, err = h.Users.SetPassword(t.Context(), authcore.Operator(), "alice", "another "+password)
	must(t, err)
	_, err = h.Logins.SetApp(t.Context(), v)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.SetPhone(t.Context(), v, "+79001234567")
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Second(t.Context(), v, authtest.TOTP(t, r.Secret, h.clock.Now()))
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// Law 3: beginning anew clears no counter. The address that the operator knows
// stays one device, however often its owner, or who has his password, begins;
// and while a code is alive, no other is sent.
func TestBeginningAnewClearsNoTries(t *testing.T) {
	h, outbox := phones(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindEmail} })
	_, err := h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "alice", Email: "alice@example.com", Password: password})
	must(t, err)
	v := h.verified(t, "alice")
	for range 10 {
		h.next(t, v)
		_, err := h.Logins.Second(t.Context(), v, wrongOf(outbox.Last(t).Code))
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	if outbox.Sent() != 2 { // each is good for five tries
		t.Errorf("%d messages", outbox.Sent())
	}
	h.next(t, v)
	_, err = h.Logins.Second(t.Context(), v, outbox.Last(t).Code)
	wantCode(t, err, authcore.CodeThrottled)
	h.clock.Turn(21 * time.Minute)
	h.next(t, v)
	if login, err := h.Logins.Second(t.Context(), v, outbox.Last(t).Code); err != nil || !login.Activated {
		t.Errorf("%+v, %v", login, err)
	}
}
