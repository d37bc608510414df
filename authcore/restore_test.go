package authcore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

const number, chosen = "+79001234567", "quiet heron barley lamp"

// forgetful is somebody who has forgotten his password, with a phone and a device that makes
// codes.
type forgetful struct {
	*house
	outbox *authtest.Outbox
	phone  authcore.Device
	other  authcore.Registered
}

func newForgetful(t testing.TB, change func(*authcore.Options)) *forgetful {
	t.Helper()
	h, outbox := phones(t, change)
	f := &forgetful{house: h, outbox: outbox}
	h.user(t, "alice")
	f.phone = h.add(t, authcore.Enrolment{User: "alice", Kind: authcore.KindPhone, Address: number}).Device
	f.other = h.add(t, authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
	return f
}

func (h *house) add(t testing.TB, e authcore.Enrolment) authcore.Registered {
	t.Helper()
	r, err := h.Devices.Register(t.Context(), authcore.Operator(), e)
	must(t, err)
	return r
}

// by is an attempt of who knows no password.
func by(name string) authcore.Attempt {
	a := attempt(name)
	a.Password = ""
	return a
}

// asks asks for alice's password, and waits until what comes of it is done.
func (h *house) asks(t testing.TB, name string) authcore.Restore {
	t.Helper()
	r, err := h.Users.AskRestore(t.Context(), by(name))
	must(t, err)
	h.live.FillRestoring()()
	return r
}

// code asks, and takes the code that was sent.
func (f *forgetful) code(t testing.TB) (next string) {
	t.Helper()
	r := f.asks(t, "alice")
	next, _, err := f.Users.RestoreCode(t.Context(), by(""), r.Token, f.outbox.Last(t).Code)
	must(t, err)
	return next
}

// restores does all of it.
func (f *forgetful) restores(t testing.TB) {
	t.Helper()
	must(t, f.Users.RestorePassword(t.Context(), by(""), f.code(t), chosen))
	f.refresh(t)
}

// shows shows the new password.
func (f *forgetful) shows(t testing.TB) *authcore.Verified {
	t.Helper()
	a := attempt("alice")
	a.Password = chosen
	v, err := f.Logins.Primary(t.Context(), a)
	must(t, err)
	return v
}

func (f *forgetful) restoredBy(t testing.TB) string {
	t.Helper()
	u, err := f.Users.Get(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	return u.RestoredBy
}

// Who has forgotten his password gets a code, and with it another password; the old one and
// all of his sessions end, and he is told.
func TestPasswordIsRestored(t *testing.T) {
	f := newForgetful(t, nil)
	login, err := f.Logins.Second(t.Context(), f.verified(t, "alice"), authtest.HOTP(t, f.other.Secret, 0))
	must(t, err)
	r := f.asks(t, "Alice")
	m := f.outbox.Last(t)
	if m.To != number || !strings.Contains(m.Text, m.Code) || !strings.Contains(m.Text, r.Number) || len(r.Number) != 2 || strings.Contains(m.Text, r.Token) {
		t.Errorf("answered %+v, sent %+v", r, m)
	}
	if want := f.clock.Now().Add(10 * time.Minute); !r.ExpiresAt.Equal(want) || !m.ExpiresAt.Equal(want) {
		t.Errorf("until %v and %v, want %v", r.ExpiresAt, m.ExpiresAt, want)
	}
	next, until, err := f.Users.RestoreCode(t.Context(), by(""), r.Token, m.Code)
	must(t, err)
	if want := f.clock.Now().Add(10 * time.Minute); !until.Equal(want) {
		t.Errorf("the password may be set until %v, want %v", until, want)
	}
	f.passes(t, login.Token)
	wantCode(t, f.Users.RestorePassword(t.Context(), by(""), next, "alice"), authcore.CodeInvalid)
	must(t, f.Users.RestorePassword(t.Context(), by(""), next, chosen))
	f.refuses(t, login.Token) // at once on this node
	f.refresh(t)
	f.refuses(t, login.Token)
	_, err = f.Logins.Primary(t.Context(), attempt("alice"))
	wantCode(t, err, authcore.CodeUnauthenticated)
	f.shows(t)
	if told := f.outbox.Told(t, 2); !strings.Contains(told[len(told)-1].Text, "password was changed") { // the first is of a device
		t.Errorf("told is %+v", told)
	}
	want := map[string]map[string]int{"user.restore_ask": {"": 1}, "user.restore_code": {"": 1}, "user.password": {"restored": 1}}
	for action, reasons := range want {
		if diff := cmp.Diff(reasons, f.reasons(t, action)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", action, diff)
		}
	}
}

// Law 12: whoever is named, the answer and the statements before it are the same, also when
// nothing can be done, and when all places are taken.
func TestAskingForAPasswordTellsNothing(t *testing.T) {
	f := newForgetful(t, nil)
	for _, name := range []string{"disabled", "external", "alone", "empty"} {
		f.user(t, name)
	}
	for n, name := range []string{"disabled", "external"} {
		f.add(t, authcore.Enrolment{User: name, Kind: authcore.KindPhone, Address: "+7900123456" + string(rune('0'+n))})
		f.add(t, authcore.Enrolment{User: name, Kind: authcore.KindHOTP})
	}
	f.add(t, authcore.Enrolment{User: "alone", Kind: authcore.KindPhone, Address: "+79001234569"})
	_, err := f.Users.SetDisabled(t.Context(), authcore.Operator(), "disabled", true)
	must(t, err)
	f.write(t, func(tx authcore.Tx) error {
		u, err := tx.UserByLogin(authcore.DefaultTenant, "external")
		must(t, err)
		_, err = tx.SetUserPassword(u.ID, "", "")
		return err
	})
	asked := func(name string) (spent, authcore.Restore) {
		t.Helper()
		empty := f.live.FillRestoring() // or what comes after the answer would be counted too
		f.faults.Reset()
		r, err := f.Users.AskRestore(t.Context(), by(name))
		must(t, err)
		got := spent{statements: f.faults.Count(), begins: f.faults.Begins()}
		empty()
		return got, r
	}
	want, _ := asked("alice")
	if want.statements != 1 || want.begins != 1 {
		t.Errorf("to ask costs %+v, want one statement that counts", want)
	}
	names := []string{"nobody", "disabled", "external", "alone", "empty", "", "a@b@c\x00", strings.Repeat("a", 1<<16)}
	for _, name := range names {
		got, r := asked(name)
		if got != want || len(r.Number) != 2 || len(r.Token) < 100 || !r.ExpiresAt.Equal(f.clock.Now().Add(10*time.Minute)) {
			t.Errorf("%.10q: %+v for %+v", name, r, got)
		}
	}
	if f.outbox.Sent() != 0 {
		t.Error("sent although no place was free")
	}
	for _, name := range names {
		f.asks(t, name)
	}
	if f.outbox.Sent() != 0 {
		t.Errorf("%d codes were sent", f.outbox.Sent())
	}
	wanted := map[string]int{"unknown_user": 4, "disabled": 1, "no_password": 1, "only_device": 1, "no_device": 1}
	if diff := cmp.Diff(wanted, f.reasons(t, "user.restore_ask")); diff != "" {
		t.Errorf("the audit trail has other reasons (-want +got):\n%s", diff)
	}
}

// Law 12: nor does a wrong code tell whether there was a right one.
func TestWrongCodesForAPasswordAreAlike(t *testing.T) {
	f := newForgetful(t, nil)
	known, unknown := f.asks(t, "alice"), f.asks(t, "nobody")
	wrong := func(r authcore.Restore) spent {
		t.Helper()
		f.faults.Reset()
		next, _, err := f.Users.RestoreCode(t.Context(), by(""), r.Token, wrongOf(f.outbox.Last(t).Code))
		var e *authcore.Error
		if !errors.As(err, &e) || next != "" {
			t.Fatalf("next %q, error %v", next, err)
		}
		return spent{e.Code, e.Message + string(e.Reason), e.RetryAfter, f.faults.Count(), f.faults.Begins(), 0}
	}
	for n := range 7 { // five are counted, and two are too many
		got, want := wrong(unknown), wrong(known)
		if got != want || want.code != authcore.CodeUnauthenticated {
			t.Errorf("try %d: %+v for nobody, %+v for alice", n+1, got, want)
		}
	}
	if diff := cmp.Diff(map[string]int{"wrong_code": 5, "not_counted": 5}, f.reasons(t, "user.restore_code")); diff != "" {
		t.Errorf("the audit trail has other reasons (-want +got):\n%s", diff)
	}
}

// OTP-18: five tries, ten minutes, once, and none but the code of this asking, at this site
// and door.
func TestCodesForAPasswordThatAreRefused(t *testing.T) {
	f := newForgetful(t, nil)
	refused := func(t *testing.T, a authcore.Attempt, token, code string) {
		t.Helper()
		next, _, err := f.Users.RestoreCode(t.Context(), a, token, code)
		wantCode(t, err, authcore.CodeUnauthenticated)
		if next != "" {
			t.Error("a refusal came with a token")
		}
	}
	ask := func(t *testing.T) (string, string) {
		t.Helper()
		f.clock.Turn(time.Hour) // so that none is one too many
		f.refresh(t)
		return f.asks(t, "alice").Token, f.outbox.Last(t).Code
	}
	t.Run("the sixth", func(t *testing.T) {
		token, code := ask(t)
		for range 5 {
			refused(t, by(""), token, wrongOf(code))
		}
		refused(t, by(""), token, code)
	})
	t.Run("the fifth", func(t *testing.T) {
		token, code := ask(t)
		for range 4 {
			refused(t, by(""), token, wrongOf(code))
		}
		_, _, err := f.Users.RestoreCode(t.Context(), by(""), token, code)
		must(t, err)
		refused(t, by(""), token, code) // again
	})
	t.Run("late", func(t *testing.T) {
		token, code := ask(t)
		f.clock.Turn(10 * time.Minute)
		f.refresh(t)
		refused(t, by(""), token, code)
	})
	t.Run("again", func(t *testing.T) {
		token, code := ask(t)
		_, _, err := f.Users.RestoreCode(t.Context(), by(""), token, code)
		must(t, err)
		before := f.reasons(t, "user.restore_code")["not_counted"]
		refused(t, by(""), token, code)
		if got := f.reasons(t, "user.restore_code")["not_counted"]; got != before+1 {
			t.Error("a code that no try was counted for was looked at")
		}
	})
	t.Run("elsewhere", func(t *testing.T) {
		token, code := ask(t)
		for _, change := range []func(*authcore.Attempt){
			func(a *authcore.Attempt) { a.Audience = "other" }, func(a *authcore.Attempt) { a.ClientID = "other" },
		} {
			a := by("")
			change(&a)
			refused(t, a, token, code)
		}
	})
	t.Run("of an asking before", func(t *testing.T) {
		token, code := ask(t)
		second := f.asks(t, "alice")
		refused(t, by(""), token, code)
		refused(t, by(""), token, f.outbox.Last(t).Code)
		_, _, err := f.Users.RestoreCode(t.Context(), by(""), second.Token, f.outbox.Last(t).Code)
		must(t, err)
	})
	t.Run("in place of a code of a login", func(t *testing.T) {
		_, code := ask(t)
		v := f.verified(t, "alice")
		_, err := f.Logins.Second(t.Context(), v, code)
		wantCode(t, err, authcore.CodeUnauthenticated)
		token, _ := ask(t)
		_, err = f.Logins.SendTo(t.Context(), v, f.phone.ID, true)
		must(t, err)
		refused(t, by(""), token, f.outbox.Last(t).Code)
	})
	for what, end := range map[string]func(f *forgetful) error{
		"a blocked device": func(f *forgetful) error {
			_, err := f.Devices.Block(t.Context(), authcore.Operator(), f.phone.ID)
			return err
		},
		"another password": func(f *forgetful) error {
			_, err := f.Users.SetPassword(t.Context(), authcore.Operator(), "alice", "another "+password)
			return err
		},
		"a disabled user": func(f *forgetful) error {
			_, err := f.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
			return err
		},
		"a removed user": func(f *forgetful) error {
			_, err := f.Users.Remove(t.Context(), authcore.Operator(), "alice")
			return err
		},
	} {
		t.Run(what+" before the code", func(t *testing.T) {
			f := newForgetful(t, nil)
			r := f.asks(t, "alice")
			must(t, end(f))
			_, _, err := f.Users.RestoreCode(t.Context(), by(""), r.Token, f.outbox.Last(t).Code)
			wantCode(t, err, authcore.CodeUnauthenticated)
		})
		t.Run(what+" before the password", func(t *testing.T) {
			f := newForgetful(t, nil)
			next := f.code(t)
			must(t, end(f))
			wantCode(t, f.Users.RestorePassword(t.Context(), by(""), next, chosen), authcore.CodeUnauthenticated)
		})
	}
}

// Law 4: who knows no password uses up nothing of a login: neither a try of a device nor a
// code that is sent.
func TestRestoringUsesUpNothingOfALogin(t *testing.T) {
	f := newForgetful(t, func(o *authcore.Options) { o.Limits = authcore.DefaultLimits() })
	sent := 0
	for range 12 {
		r := f.asks(t, "alice")
		sent = f.outbox.Sent()
		for range 6 {
			_, _, err := f.Users.RestoreCode(t.Context(), by(""), r.Token, "x")
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
	}
	if sent != 10 || f.reasons(t, "user.restore_ask")["throttled"] != 2 {
		t.Errorf("%d codes were sent, want 10; rows %v", sent, f.reasons(t, "user.restore_ask"))
	}
	if a := f.attempts(t, f.phone.ID); a != (authcore.Attempts{}) {
		t.Errorf("the phone has %+v", a)
	}
	v := f.verified(t, "alice")
	f.house.next(t, v)
	_, err := f.Logins.Second(t.Context(), v, f.outbox.Last(t).Code)
	must(t, err)
}

// One address asks thirty times an hour, whoever is named, and is told when it may again.
func TestAskingForPasswordsIsBounded(t *testing.T) {
	f := newForgetful(t, nil)
	for n := range 30 {
		f.asks(t, strings.Repeat("x", n+1))
	}
	for _, name := range []string{"alice", "nobody"} {
		_, err := f.Users.AskRestore(t.Context(), by(name))
		var e *authcore.Error
		if wantCode(t, err, authcore.CodeThrottled); !errors.As(err, &e) || e.RetryAfter != time.Hour {
			t.Errorf("%s: %v", name, err)
		}
	}
	elsewhere := by("alice")
	elsewhere.From.Address = "198.51.100.1"
	_, err := f.Users.AskRestore(t.Context(), elsewhere)
	must(t, err)
}

// What a guest does wrong in the background ends nothing, and holds no place.
func TestRestoringSurvivesItsGuests(t *testing.T) {
	f := newForgetful(t, nil)
	f.outbox.Fail = func(context.Context, authcore.Message) error { panic("a guest") }
	f.asks(t, "alice")
	f.outbox.Fail = func(context.Context, authcore.Message) error { return authcore.Unavailable(errors.New("away")) }
	for range 12 { // what was not sent is not counted
		f.asks(t, "alice")
	}
	f.outbox.Fail = nil
	f.asks(t, "alice")
	if f.outbox.Sent() != 1 {
		t.Errorf("%d codes were sent", f.outbox.Sent())
	}
}
