package authcore_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// fob is a device of alice's that an integrator registered and that awaits codes.
func fob(t testing.TB, h *house, actor authcore.Actor, change func(*authcore.Enrolment)) authcore.Registered {
	t.Helper()
	e := authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Awaits: authcore.AwaitsCodes}
	if change != nil {
		change(&e)
	}
	return h.register(t, actor, e)
}

func (h *house) status(t testing.TB, device string) authcore.DeviceStatus {
	t.Helper()
	d, _, err := h.Devices.Get(t.Context(), authcore.Operator(), device)
	must(t, err)
	return d.Status
}

// Law 7: no login makes a device active that awaits codes, whatever the user may
// enrol; it costs no try, is not offered, and nothing that he enrols takes its place.
func TestNoLoginActivatesWhatAwaitsCodes(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	f := fob(t, h, authcore.Operator(), nil)
	refused := func(err error) {
		t.Helper()
		if err == nil {
			t.Error("its code opens something")
		}
		if a := h.attempts(t, f.Device.ID); a.Total != 0 || h.status(t, f.Device.ID) != authcore.StatusPending {
			t.Errorf("%d tries are counted, and it is %s", a.Total, h.status(t, f.Device.ID))
		}
	}
	code := func(n int64) string { return authtest.HOTP(t, f.Secret, n) }

	v := h.verified(t, "alice")
	_, err := h.Logins.Second(t.Context(), v, code(0))
	refused(err)
	ways, err := h.Logins.Ways(t.Context(), v)
	if must(t, err); len(ways.Devices) != 0 || len(ways.Enrol) != 1 {
		t.Errorf("there are %+v", ways) // his first device is as for who has none
	}
	step := h.next(t, v)
	if step.Kind != authcore.KindTOTP || !step.Enrol {
		t.Errorf("the next step is %+v", step)
	}
	_, err = h.Logins.Second(t.Context(), v, code(0))
	refused(err)
	login, err := h.Logins.Second(t.Context(), v, authtest.TOTP(t, step.Registered.Secret, h.clock.Now()))
	must(t, err)
	refused(loginOnly(h.Logins.Second(t.Context(), v, code(0))))

	adding, err := h.Logins.Adding(t.Context(), authcore.ActingUser(h.passes(t, login.Token)), attempt("alice"))
	must(t, err)
	_, err = h.Logins.Activate(t.Context(), adding, code(0))
	wantCode(t, err, authcore.CodeConflict)
	refused(err)
	app, err := h.Logins.SetApp(t.Context(), adding)
	must(t, err)
	_, err = h.Logins.Activate(t.Context(), adding, code(0))
	refused(err)
	_, err = h.Logins.Activate(t.Context(), adding, authtest.TOTP(t, app.Secret, h.clock.Now()))
	must(t, err)
	refused(loginOnly(h.Logins.Second(t.Context(), v, code(0))))
}

func loginOnly(_ authcore.Login, err error) error { return err }

// Two consecutive codes, which the integrator brings, make it active and are used
// up; the user is told. They come without the PIN, his codes with it.
func TestTwoCodesActivate(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", func(u *authcore.User) { mail(u); u.Tenant = "acme" })
	acme, other := h.integrator(t, "acme-app", "acme"), h.integrator(t, "other-app", "other")
	f := fob(t, h, acme, func(e *authcore.Enrolment) { e.PIN = pin })
	id := f.Device.ID
	code := func(n int64) string { return authtest.HOTP(t, f.Secret, n) }
	resync := func(actor authcore.Actor, first, second string) error {
		_, err := h.Devices.Resynchronise(t.Context(), actor, id, first, second)
		return err
	}
	wantReason(t, resync(other, code(0), code(1)), authcore.CodeNotFound, authcore.ReasonNoDevice)
	wantCode(t, resync(authcore.Actor{}, code(0), code(1)), authcore.CodeForbidden)
	wantReason(t, resync(acme, code(0), code(0)), authcore.CodeInvalid, authcore.ReasonWrongCode)
	wantReason(t, resync(acme, code(0), code(2)), authcore.CodeInvalid, authcore.ReasonWrongCode)
	wantReason(t, resync(acme, pin+code(0), pin+code(1)), authcore.CodeInvalid, authcore.ReasonMalformedCode)
	if a := h.attempts(t, id); a.Total != 3 || h.status(t, id) != authcore.StatusPending {
		t.Errorf("%d tries are counted, and it is %s", a.Total, h.status(t, id))
	}
	d, err := h.Devices.Resynchronise(t.Context(), acme, id, code(7), code(8))
	if must(t, err); d.Status != authcore.StatusActive || d.LastCounter != 8 || h.status(t, id) != authcore.StatusActive {
		t.Errorf("it is %+v", d)
	}
	if a := h.attempts(t, id); a.Total != 3 || a.Failures != 0 {
		t.Errorf("counted are %+v", a)
	}
	if got := h.news(t, outbox, 0); len(got) != 1 || got[0][:50] != "alice@example.com Doorward: device added: code gen" {
		t.Errorf("told %q", got)
	}
	if activated, refused := h.reasons(t, "device.activate"), h.reasons(t, "device.resync"); activated[""] != 1 || refused[""] != 0 || refused["wrong_code"] != 2 || refused["malformed_code"] != 1 {
		t.Errorf("the audit has %v and %v", activated, refused)
	}
	a := attempt("alice")
	a.Tenant = "acme"
	v, err := h.Logins.Primary(t.Context(), a)
	must(t, err)
	wantCode(t, loginOnly(h.Logins.Second(t.Context(), v, pin+code(8))), authcore.CodeUnauthenticated)
	must(t, loginOnly(h.Logins.Second(t.Context(), v, pin+code(9))))
}

// What can't be resynchronised, by its reason; a device that its owner is enrolling
// stays pending.
func TestResyncRefuses(t *testing.T) {
	h, _ := phones(t, nil)
	h.user(t, "alice")
	acme := h.integrator(t, "acme-app", authcore.DefaultTenant)
	refuses := func(ref string, secret []byte, code authcore.Code, reason authcore.Reason) {
		t.Helper()
		before := authcore.Attempts{}
		if reason != authcore.ReasonNoDevice {
			before = h.attempts(t, ref)
		}
		_, err := h.Devices.Resynchronise(t.Context(), acme, ref, authtest.HOTP(t, secret, 0), authtest.HOTP(t, secret, 1))
		wantReason(t, err, code, reason)
		if reason == authcore.ReasonInactive && h.attempts(t, ref) != before {
			t.Errorf("a code was looked at: %+v", h.attempts(t, ref))
		}
	}
	refuses("no-such-serial", nil, authcore.CodeNotFound, authcore.ReasonNoDevice)
	own, err := h.Logins.SetApp(t.Context(), h.verified(t, "alice"))
	must(t, err)
	at := func(steps int) string {
		return authtest.TOTP(t, own.Secret, h.clock.Now().Add(time.Duration(steps)*30*time.Second))
	}
	_, err = h.Devices.Resynchronise(t.Context(), acme, own.Device.ID, at(0), at(1))
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonInactive)
	if got := h.status(t, own.Device.ID); got != authcore.StatusPending {
		t.Errorf("it is %s", got)
	}
	d := h.register(t, acme, authcore.Enrolment{Kind: authcore.KindHOTP})
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), d.Device.ID)
	must(t, err)
	refuses(d.Device.Serial, d.Secret, authcore.CodeConflict, authcore.ReasonInactive)
	phone := h.register(t, acme, authcore.Enrolment{User: "alice", Kind: authcore.KindPhone, Address: "+79001234567"})
	refuses(phone.Device.Serial, nil, authcore.CodeInvalid, "")
	paused := fob(t, h, acme, nil)
	for range 10 {
		_, err := h.Devices.Resynchronise(t.Context(), acme, paused.Device.ID, "000000", "000000")
		wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	}
	refuses(paused.Device.Serial, paused.Secret, authcore.CodeConflict, authcore.ReasonPaused)
	if got := h.status(t, paused.Device.ID); got != authcore.StatusPending {
		t.Errorf("what is paused is %s", got)
	}
}

// RFC 6238 section 6: the drift is learned in both directions, 500 steps at most; of
// events 1000 are searched. A device in stock is resynchronised like any.
func TestResyncLearnsDriftInBounds(t *testing.T) {
	h := newCore(t, nil)
	acme := h.integrator(t, "acme-app", "acme")
	for _, c := range []struct {
		kind  authcore.DeviceKind
		first int64 // the counter, or steps from now
		ok    bool
	}{
		{authcore.KindTOTP, -500, true},
		{authcore.KindTOTP, -501, false},
		{authcore.KindTOTP, -3, true},
		{authcore.KindTOTP, -1, true},
		{authcore.KindTOTP, 2, true},
		{authcore.KindTOTP, 499, true},
		{authcore.KindTOTP, 500, false},
		{authcore.KindHOTP, 0, true},
		{authcore.KindHOTP, 998, true},
		{authcore.KindHOTP, 999, false},
	} {
		r := h.register(t, acme, authcore.Enrolment{Kind: c.kind})
		counter, drift := c.first, 0
		if c.kind == authcore.KindTOTP {
			counter, drift = h.clock.Now().Unix()/30+c.first, int(c.first)+1
		}
		d, err := h.Devices.Resynchronise(t.Context(), acme, r.Device.Serial, authtest.HOTP(t, r.Secret, counter), authtest.HOTP(t, r.Secret, counter+1))
		if !c.ok {
			wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
			continue
		}
		if must(t, err); d.LastCounter != counter+1 || d.Drift != drift || d.Status != authcore.StatusActive {
			t.Errorf("%s from %d on gives %+v", c.kind, c.first, d)
		}
		if kept, _, err := h.Devices.Get(t.Context(), acme, d.ID); err != nil || kept.LastCounter != d.LastCounter || kept.Drift != drift {
			t.Errorf("%s from %d on is kept as %+v, %v", c.kind, c.first, kept, err)
		}
	}
}

// After it a late clock logs in, and its drift wanders no farther by logins alone.
func TestResyncOfALateClock(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	d, v := h.device(t, "alice", authcore.KindTOTP), h.verified(t, "alice")
	at := func(steps int) string {
		return authtest.TOTP(t, d.Secret, h.clock.Now().Add(time.Duration(steps)*30*time.Second))
	}
	wantCode(t, loginOnly(h.Logins.Second(t.Context(), v, at(-9))), authcore.CodeUnauthenticated)
	_, err := h.Devices.Resynchronise(t.Context(), authcore.Operator(), d.Device.ID, at(-9), at(-8))
	must(t, err)
	h.clock.Turn(10 * time.Minute)
	wantCode(t, loginOnly(h.Logins.Second(t.Context(), v, at(-6))), authcore.CodeUnauthenticated)
	must(t, loginOnly(h.Logins.Second(t.Context(), v, at(-9))))
	for range 5 { // later and later, one step at a time
		h.clock.Turn(10 * time.Minute)
		got, _, err := h.Devices.Get(t.Context(), authcore.Operator(), d.Device.ID)
		must(t, err)
		if got.Drift != -8 {
			t.Fatalf("by logins it went to %d", got.Drift)
		}
		must(t, loginOnly(h.Logins.Second(t.Context(), v, at(-9))))
	}
}

// Law 2: of many who bring the same two codes one uses them up, whether or not they
// activate the device.
func TestOneOfManyPairsWins(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device.InARow = 1000
	})
	h.user(t, "alice")
	for awaits, action := range map[authcore.Awaits]string{authcore.AwaitsCodes: "device.activate", authcore.AwaitsCode: "device.resync"} {
		f := fob(t, h, authcore.Operator(), func(e *authcore.Enrolment) { e.Awaits = awaits })
		first, second := authtest.HOTP(t, f.Secret, 0), authtest.HOTP(t, f.Secret, 1)
		var won atomic.Int64
		var wait sync.WaitGroup
		for range 40 {
			wait.Go(func() {
				_, err := h.Devices.Resynchronise(t.Context(), authcore.Operator(), f.Device.ID, first, second)
				if err == nil {
					won.Add(1)
				} else if r := authcore.ReasonOf(err); r != authcore.ReasonReplayed && r != authcore.ReasonWrongCode {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := h.reasons(t, action); won.Load() != 1 || got[""] != 1 {
			t.Errorf("%s: %d won, %v", action, won.Load(), got)
		}
	}
}
