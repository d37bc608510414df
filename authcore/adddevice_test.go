package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// adding is who may add a device, having shown both factors just now.
func (h *house) adding(t testing.TB, login authcore.Login) *authcore.Verified {
	t.Helper()
	v, err := h.Logins.Adding(t.Context(), authcore.ActingUser(h.passes(t, login.Token)), attempt(""))
	must(t, err)
	return v
}

// Law 7, DEV-01: who has shown both factors adds an app beside the one he has. It
// counts after its first code, which is burned.
func TestAddingAnApp(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	v := h.adding(t, login)
	added, err := h.Logins.SetApp(t.Context(), v)
	must(t, err)
	h.clock.Turn(time.Minute)
	code := authtest.TOTP(t, added.Secret, h.clock.Now())
	// Neither a login nor the code of another device does it.
	_, err = h.Logins.Second(t.Context(), v, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Second(t.Context(), m.verified, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Activate(t.Context(), m.verified, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Activate(t.Context(), v, m.code(t))
	wantCode(t, err, authcore.CodeInvalid)
	if n := h.attempts(t, added.Device.ID).Failures; n != 1 {
		t.Errorf("%d tries counted", n)
	}
	if n := h.attempts(t, m.device.Device.ID).Failures; n != 1 { // that of the login before
		t.Errorf("%d tries counted at another device", n)
	}
	d, err := h.Logins.Activate(t.Context(), v, code)
	must(t, err)
	if d.ID != added.Device.ID || d.Status != authcore.StatusActive {
		t.Errorf("device %+v", d)
	}
	if n := h.attempts(t, d.ID).Failures; n != 0 {
		t.Errorf("%d tries stay counted", n)
	}
	_, err = h.Logins.Second(t.Context(), m.verified, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Activate(t.Context(), v, code)
	wantCode(t, err, authcore.CodeConflict)
	h.refresh(t)
	h.passes(t, login.Token) // the session goes on
	h.clock.Turn(time.Minute)
	for _, code := range []string{authtest.TOTP(t, added.Secret, h.clock.Now()), m.code(t)} {
		_, err = h.Logins.Second(t.Context(), m.verified, code)
		must(t, err)
	}
}

// DEV-01: ten minutes later, or when the session is over, nothing is added; and
// the tries of a new device are bounded as those of any other.
func TestAddingIsRefused(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	me := h.passes(t, login.Token)
	v := h.adding(t, login)
	added, err := h.Logins.SetApp(t.Context(), v)
	must(t, err)
	h.clock.Turn(11 * time.Minute)
	_, err = h.Logins.Adding(t.Context(), authcore.ActingUser(me), attempt(""))
	wantCode(t, err, authcore.CodeStepUp)
	for name, actor := range map[string]authcore.Actor{"nobody": {}, "operator": authcore.Operator()} {
		if _, err = h.Logins.Adding(t.Context(), actor, attempt("")); authcore.CodeOf(err) != authcore.CodeForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 10 {
		_, err = h.Logins.Activate(t.Context(), v, wrongOf(authtest.TOTP(t, added.Secret, h.clock.Now())))
		wantCode(t, err, authcore.CodeInvalid)
	}
	_, err = h.Logins.Activate(t.Context(), v, authtest.TOTP(t, added.Secret, h.clock.Now()))
	wantCode(t, err, authcore.CodeThrottled)
	h.clock.Turn(20 * time.Minute)
	_, err = h.Sessions.Revoke(t.Context(), authcore.Operator(), me.SessionID)
	must(t, err)
	_, err = h.Logins.Activate(t.Context(), v, authtest.TOTP(t, added.Secret, h.clock.Now()))
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.SetApp(t.Context(), v)
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// A code that enrols a phone logs nobody in, and one that logs in enrols nothing.
func TestCodesKeepTheirPurpose(t *testing.T) {
	h, outbox := phones(t, nil)
	_, alice := h.phone(t, "alice", "+79001234567")
	h.next(t, alice)
	login, err := h.Logins.Second(t.Context(), alice, outbox.Last(t).Code)
	must(t, err)
	v := h.adding(t, login)
	step, err := h.Logins.SetEmail(t.Context(), v, "alice@example.com")
	wantCode(t, err, authcore.CodeForbidden) // no factor here
	if step.Kind != "" {
		t.Errorf("step %+v", step)
	}
	_, err = h.Logins.SetPhone(t.Context(), v, "+79001234567")
	wantCode(t, err, authcore.CodeConflict) // it is his already
	step, err = h.Logins.SetPhone(t.Context(), v, "+79007654321")
	must(t, err)
	if step.Address != "+79007654321" || !step.Enrol {
		t.Errorf("step %+v", step)
	}
	enrol := outbox.Last(t).Code
	h.next(t, alice)
	in := outbox.Last(t).Code
	if outbox.Sent() < 3 {
		t.Fatal("a code for one purpose keeps another from being sent")
	}
	for enrol == in {
		_, err = h.Logins.Send(t.Context(), alice)
		must(t, err)
		in = outbox.Last(t).Code
	}
	_, err = h.Logins.Second(t.Context(), alice, enrol)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Activate(t.Context(), v, in)
	wantCode(t, err, authcore.CodeInvalid)
	if sent, err := h.Logins.Sent(t.Context(), v); err != nil || sent.Address != "+79007654321" {
		t.Errorf("%+v, %v", sent, err)
	}
	if sent, err := h.Logins.Sent(t.Context(), alice); err != nil || sent.Address != "+79001234567" {
		t.Errorf("%+v, %v", sent, err)
	}
	_, err = h.Logins.Activate(t.Context(), v, enrol)
	must(t, err)
	_, err = h.Logins.Second(t.Context(), alice, in)
	must(t, err)
}

// OTP-17: five devices at most, whoever adds them and however it was begun.
func TestNoSixthDevice(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	login := h.login(t, m)
	v := h.adding(t, login)
	for range 3 {
		h.device(t, "alice", authcore.KindHOTP)
	}
	added, err := h.Logins.SetApp(t.Context(), v)
	must(t, err)
	h.device(t, "alice", authcore.KindHOTP)
	_, err = h.Logins.Activate(t.Context(), v, authtest.TOTP(t, added.Secret, h.clock.Now()))
	wantCode(t, err, authcore.CodeConflict)
	_, err = h.Logins.SetApp(t.Context(), v)
	wantCode(t, err, authcore.CodeConflict)
}
