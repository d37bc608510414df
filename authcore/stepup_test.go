package authcore_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// SES-03: a step-up makes a new session in the place of the old one, which is
// over at once, and lives no longer than it.
func TestStepUp(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	old := h.login(t, m)
	me := h.passes(t, old.Token)
	shown := me.AuthTime
	h.clock.Turn(time.Hour)
	v, err := h.Logins.StepUp(t.Context(), authcore.ActingUser(me), attempt(""))
	must(t, err)
	_, err = h.Logins.Second(t.Context(), v, m.wrong(t))
	wantCode(t, err, authcore.CodeUnauthenticated)
	h.refresh(t)
	h.passes(t, old.Token) // a wrong code ends nothing
	login, err := h.Logins.Second(t.Context(), v, m.code(t))
	must(t, err)
	h.refuses(t, old.Token)
	p := h.passes(t, login.Token)
	if p.SessionID == me.SessionID || !p.AuthTime.Equal(shown) || !p.OTPTime.Equal(h.clock.Now()) || strings.Join(p.AMR, " ") != "pwd otp mfa" {
		t.Errorf("principal %+v", p)
	}
	if !login.Session.ExpiresAt.Equal(old.Session.ExpiresAt) {
		t.Errorf("the session ends at %v, the old one at %v", login.Session.ExpiresAt, old.Session.ExpiresAt)
	}
	_, err = h.Logins.StepUp(t.Context(), authcore.ActingUser(me), attempt(""))
	wantCode(t, err, authcore.CodeUnauthenticated)
	for name, actor := range map[string]authcore.Actor{"nobody": {}, "operator": authcore.Operator()} {
		_, err = h.Logins.StepUp(t.Context(), actor, attempt(""))
		if authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What ends the session ends a step-up that is under way.
func TestStepUpEndsWithItsSession(t *testing.T) {
	for name, end := range map[string]func(h *house, s authcore.Session) error{
		"revoked": func(h *house, s authcore.Session) error {
			_, err := h.Sessions.Revoke(t.Context(), authcore.Operator(), s.ID)
			return err
		},
		"another password": func(h *house, _ authcore.Session) error {
			_, err := h.Users.SetPassword(t.Context(), authcore.Operator(), "alice", "another "+password)
			return err
		},
		"expired": func(h *house, _ authcore.Session) error { h.clock.Turn(12 * time.Hour); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			h := newCore(t, nil)
			m := h.member(t, "alice")
			old := h.login(t, m)
			v, err := h.Logins.StepUp(t.Context(), authcore.ActingUser(h.passes(t, old.Token)), attempt(""))
			must(t, err)
			h.clock.Turn(time.Minute)
			must(t, end(h, old.Session))
			_, err = h.Logins.Second(t.Context(), v, m.code(t))
			wantCode(t, err, authcore.CodeUnauthenticated)
		})
	}
}

// Law 2: of many codes at once, each right, one takes the place of the session.
func TestOneStepUpWins(t *testing.T) {
	h, outbox := phones(t, nil)
	m := h.member(t, "alice")
	_, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindPhone, Address: "+79001234567"})
	must(t, err)
	old := h.login(t, m)
	v, err := h.Logins.StepUp(t.Context(), authcore.ActingUser(h.passes(t, old.Token)), attempt(""))
	must(t, err)
	ways, err := h.Logins.Ways(t.Context(), v)
	must(t, err)
	_, err = h.Logins.SendTo(t.Context(), v, ways.Devices[0].ID, false)
	must(t, err)
	codes := []string{outbox.Last(t).Code, m.code(t)}
	var won atomic.Int64
	var all sync.WaitGroup
	for _, code := range codes {
		all.Go(func() {
			if _, err := h.Logins.Second(t.Context(), v, code); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if n := won.Load(); n != 1 {
		t.Errorf("%d sessions took the place of one", n)
	}
}

// SES-03: a finished login ends the session that the same browser had, also
// another user's; one that failed ends nothing.
func TestALoginReplacesTheSessionOfItsBrowser(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	old := h.login(t, alice)
	h.passes(t, old.Token)
	a := attempt("bob")
	a.Replaces = old.Session.ID
	v, err := h.Logins.Primary(t.Context(), a)
	must(t, err)
	_, err = h.Logins.Second(t.Context(), v, bob.wrong(t))
	wantCode(t, err, authcore.CodeUnauthenticated)
	h.passes(t, old.Token)
	login, err := h.Logins.Second(t.Context(), v, bob.code(t))
	must(t, err)
	h.refuses(t, old.Token)
	h.passes(t, login.Token)
	a.Replaces = "00000000-0000-4000-8000-000000000000" // none: nothing to end
	h.clock.Turn(time.Minute)
	v, err = h.Logins.Primary(t.Context(), a)
	must(t, err)
	_, err = h.Logins.Second(t.Context(), v, bob.code(t))
	must(t, err)
}

// The name of a browser is kept as far as it is short and text.
func TestAgentIsKept(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	a := attempt("alice")
	a.Agent = "\xff" + strings.Repeat("ä", 200)
	v, err := h.Logins.Primary(t.Context(), a)
	must(t, err)
	login, err := h.Logins.Second(t.Context(), v, m.code(t))
	must(t, err)
	list, err := h.Sessions.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	if got := list[0].Agent; got != strings.Repeat("ä", 127) || login.Session.Agent != got {
		t.Errorf("kept %q", got)
	}
}
