package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// loginWith logs m in again through a browser that shows a secret.
func (h *house) loginWith(t testing.TB, m *member, secret string) authcore.Login {
	t.Helper()
	h.clock.Turn(time.Minute)
	h.refresh(t)
	a := attempt(m.user.Name)
	a.Device = secret
	v, err := h.Logins.Primary(t.Context(), a)
	must(t, err)
	l, err := h.Logins.Second(t.Context(), v, m.code(t))
	must(t, err)
	return l
}

// A login from a browser that is a registered device of the user's is bound at once; a
// secret that is none, another's, or of one that does not count binds nothing, and the
// login goes on.
func TestLoginFromARegisteredBrowser(t *testing.T) {
	h := newCore(t, nil)
	m, other := h.member(t, "alice"), h.member(t, "bob")
	d := h.browserOf(t, m.user, "hers")
	his, blocked := h.browserOf(t, other.user, "his"), h.browserOf(t, m.user, "blocked")
	h.write(t, func(tx authcore.Tx) error {
		_, err := tx.MoveDevice(blocked.ID, authcore.StatusBlocked, authcore.StatusActive)
		return err
	})
	for secret, want := range map[string]string{"hers": d.ID, "his": "", "blocked": "", "": "", "nobody's": "", d.ID: ""} {
		l := h.loginWith(t, m, secret)
		p := h.passes(t, l.Token)
		if p.ClientDevice != want || l.Session.ClientDevice != want || p.DeviceID != m.device.Device.ID {
			t.Errorf("with %q the session is bound to %q, want %q", secret, p.ClientDevice, want)
		}
	}
	if l := h.loginWith(t, other, "his"); l.Session.ClientDevice != his.ID {
		t.Errorf("his own is bound to %q", l.Session.ClientDevice)
	}
	if got := h.reasons(t, "client.bind"); len(got) != 1 || got[""] != 2 {
		t.Errorf("in the audit trail: %v", got)
	}
}

// SES-03: a step-up goes on with the device that its session is bound to, whatever the
// browser shows, and one of a session that is not bound with that of the browser.
func TestStepUpKeepsTheDevice(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	first, second := h.browserOf(t, m.user, "first"), h.browserOf(t, m.user, "second")
	stepUp := func(l authcore.Login, secret string) authcore.Login {
		t.Helper()
		h.later(t, time.Minute)
		a := attempt("")
		a.Device = secret
		v, err := h.Logins.StepUp(t.Context(), authcore.ActingUser(h.passes(t, l.Token)), a)
		must(t, err)
		l, err = h.Logins.Second(t.Context(), v, m.code(t))
		must(t, err)
		return l
	}
	bound := h.loginWith(t, m, "first")
	for _, secret := range []string{"", "second", "first"} {
		bound = stepUp(bound, secret)
		if p := h.passes(t, bound.Token); p.ClientDevice != first.ID {
			t.Errorf("with %q it is bound to %q", secret, p.ClientDevice)
		}
	}
	if p := h.passes(t, stepUp(h.login(t, m), "second").Token); p.ClientDevice != second.ID {
		t.Errorf("of one that was not bound it is %q", p.ClientDevice)
	}
	if p := h.passes(t, stepUp(h.login(t, m), "").Token); p.ClientDevice != "" {
		t.Errorf("of one that is not bound it is %q", p.ClientDevice)
	}
}

// A step-up is no way out of a device that does not count any more: it fails, also when
// the device was blocked before the session has ended of it.
func TestStepUpEndsWithTheDevice(t *testing.T) {
	for name, raise := range map[string]bool{"as it is blocked": true, "before its sessions end": false} {
		t.Run(name, func(t *testing.T) {
			h := newCore(t, nil)
			m := h.member(t, "alice")
			d := h.browserOf(t, m.user, "secret")
			l := h.loginWith(t, m, "secret")
			v, err := h.Logins.StepUp(t.Context(), authcore.ActingUser(h.passes(t, l.Token)), attempt(""))
			must(t, err)
			h.clock.Turn(time.Minute)
			h.write(t, func(tx authcore.Tx) error {
				_, err := tx.MoveDevice(d.ID, authcore.StatusBlocked, authcore.StatusActive)
				return err
			})
			if raise {
				h.raise(t, d.ID)
			}
			_, err = h.Logins.Second(t.Context(), v, m.code(t))
			wantCode(t, err, authcore.CodeUnauthenticated)
		})
	}
}

// SES-04, SES-07: a token that goes on with a bound session is bound too, and one for
// another site asks the store for the device as well.
func TestRenewAndCarryKeepTheDevice(t *testing.T) {
	h, _, d, account, bound, _ := boundHouse(t, func(o *authcore.Options) { o.OneLogin = true })
	h.later(t, 16*time.Minute)
	p := h.passes(t, bound.Token)
	renewed, ok := h.Gatekeeper.Renew(p)
	if !ok || h.passes(t, renewed).ClientDevice != d.ID {
		t.Error("not renewed, or not bound")
	}
	carried, err := h.Gatekeeper.Carry(t.Context(), p, "b")
	must(t, err)
	there, err := h.Gatekeeper.Authenticate(t.Context(), carried, "b")
	if must(t, err); there.ClientDevice != d.ID {
		t.Errorf("carried on it is bound to %q", there.ClientDevice)
	}
	h.write(t, func(tx authcore.Tx) error {
		_, err := tx.MoveAccount(account, authcore.AccountBlocked, authcore.AccountActive)
		return err
	})
	_, err = h.Gatekeeper.Carry(t.Context(), p, "b")
	wantCode(t, err, authcore.CodeUnauthenticated)
	h.raise(t, d.ID)
	for what, token := range map[string]string{"renewed": renewed, "the first": bound.Token} {
		if h.opens(t, token, site) {
			t.Errorf("%s outlives the device", what)
		}
	}
	if h.opens(t, carried, "b") {
		t.Error("the carried one outlives the device")
	}
}

// A client device satisfies no second factor, whatever an operator names.
func TestClientDeviceIsNoFactor(t *testing.T) {
	d := authcore.Device{ID: "d", Kind: authcore.KindClient, Status: authcore.StatusActive}
	if (authcore.Factors{authcore.KindClient}).Satisfied(d, time.Unix(1, 0)) {
		t.Error("it is one")
	}
}

// REL-04, law 3: whichever statement fails, nothing is bound and the session goes on.
func TestBindIsWholeOrNothing(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.browserOf(t, m.user, "secret")
	l := h.login(t, m)
	actor := authcore.ActingUser(h.passes(t, l.Token))
	for n := 1; ; n++ {
		h.later(t, 7*time.Second)
		h.faults.FailNext(n, nil)
		_, err := h.Logins.Bind(t.Context(), actor, attempt(""), authcore.Binding{Secret: "secret"})
		h.faults.Reset()
		if err == nil {
			if n < 10 {
				t.Errorf("bound by %d statements", n-1)
			}
			h.refuses(t, l.Token)
			return
		}
		if code := authcore.CodeOf(err); code == authcore.CodeForbidden || code == authcore.CodeUnauthenticated {
			t.Errorf("when statement %d fails: %v", n, err)
		}
		h.passes(t, l.Token)
		if open, err := h.Sessions.List(t.Context(), authcore.Operator(), "alice"); err != nil || len(open) != 1 {
			t.Fatalf("when statement %d fails, open are %+v, %v", n, open, err)
		}
	}
}
