package authcore_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// One device is not both factors: where the code went that restored the password, no code
// goes that logs in, and none counts, until another device logged in.
func TestDeviceThatRestoredIsNoSecondFactor(t *testing.T) {
	f := newForgetful(t, nil)
	old := f.verified(t, "alice")
	f.house.next(t, old)
	code := f.outbox.Last(t).Code
	f.restores(t)
	if by := f.restoredBy(t); by != number {
		t.Fatalf("restored by %q", by)
	}
	_, err := f.Logins.Second(t.Context(), old, code) // who began before
	wantCode(t, err, authcore.CodeUnauthenticated)
	v := f.shows(t)
	ways, err := f.Logins.Ways(t.Context(), v)
	must(t, err)
	for _, d := range ways.Devices {
		if d.ID == f.phone.ID {
			t.Error("the phone is offered")
		}
	}
	if step := f.house.next(t, v); step.Kind != authcore.KindHOTP {
		t.Errorf("next is %+v", step)
	}
	sent := f.outbox.Sent()
	_, err = f.Logins.SendTo(t.Context(), v, f.phone.ID, true)
	wantCode(t, err, authcore.CodeNotFound)
	_, err = f.Logins.Send(t.Context(), v)
	wantCode(t, err, authcore.CodeConflict)
	if f.outbox.Sent() != sent {
		t.Error("a code was sent")
	}
	login, err := f.Logins.Second(t.Context(), v, authtest.HOTP(t, f.other.Secret, 0))
	must(t, err)
	if by := f.restoredBy(t); by != "" || login.User.RestoredBy != "" {
		t.Errorf("another device logged in, and still it is %q", by)
	}
	v = f.shows(t)
	_, err = f.Logins.SendTo(t.Context(), v, f.phone.ID, true)
	must(t, err)
	_, err = f.Logins.Second(t.Context(), v, f.outbox.Last(t).Code)
	must(t, err)
}

// A code that was on its way when the rule came does not count either, whoever stored it.
func TestCodeToWhereThePasswordWasRestoredIsNone(t *testing.T) {
	f := newForgetful(t, nil)
	v := f.verified(t, "alice")
	f.house.next(t, v)
	f.write(t, func(tx authcore.Tx) error {
		u, err := tx.UserByLogin(authcore.DefaultTenant, "alice")
		must(t, err)
		return tx.SetRestoredBy(u.ID, number)
	})
	_, err := f.Logins.Second(t.Context(), v, f.outbox.Last(t).Code) // v knows nothing of it
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = f.Logins.Second(t.Context(), f.verified(t, "alice"), f.outbox.Last(t).Code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	if f.restoredBy(t) != number {
		t.Error("a code that does not count ended the rule")
	}
}

// Another password that he or an operator chose ends it too.
func TestAnotherPasswordEndsWhatRestoringBegan(t *testing.T) {
	t.Run("an operator's", func(t *testing.T) {
		f := newForgetful(t, nil)
		f.restores(t)
		_, err := f.Users.SetPassword(t.Context(), authcore.Operator(), "alice", "another "+password)
		must(t, err)
		if by := f.restoredBy(t); by != "" {
			t.Errorf("still %q", by)
		}
	})
	t.Run("his own", func(t *testing.T) {
		f := newForgetful(t, nil)
		login, err := f.Logins.Second(t.Context(), f.verified(t, "alice"), authtest.HOTP(t, f.other.Secret, 0))
		must(t, err)
		f.write(t, func(tx authcore.Tx) error { return tx.SetRestoredBy(login.User.ID, number) })
		must(t, f.Users.ChangePassword(t.Context(), authcore.ActingUser(f.passes(t, login.Token)), attempt("alice"), chosen))
		if by := f.restoredBy(t); by != "" {
			t.Errorf("still %q", by)
		}
	})
}

// What is offered to enrol by an invitation is not the address that restored the password.
func TestAddressThatRestoredIsNotEnrolledAgain(t *testing.T) {
	f := newForgetful(t, nil)
	f.restores(t)
	for _, d := range []string{f.phone.ID, f.other.Device.ID} {
		_, err := f.Devices.Remove(t.Context(), authcore.Operator(), d)
		must(t, err)
	}
	invite, err := f.Users.Invite(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	v, err := f.Logins.Invited(t.Context(), f.shows(t), invite.Token)
	must(t, err)
	_, err = f.Logins.SetPhone(t.Context(), v, number)
	wantCode(t, err, authcore.CodeConflict)
	if step := f.house.next(t, v); step.Kind != authcore.KindPhone || step.Address != "" {
		t.Errorf("next is %+v", step)
	}
}

// Which device gets the code: the one that is to be notified, else the oldest; only one that
// is active, and that a channel reaches; and only beside another to log in with.
func TestWhereTheCodeForAPasswordGoes(t *testing.T) {
	hotp := authcore.Enrolment{Kind: authcore.KindHOTP}
	phone := authcore.Enrolment{Kind: authcore.KindPhone, Address: number}
	mail := authcore.Enrolment{Kind: authcore.KindEmail, Address: "a@example.com"}
	block := func(n int) func(*testing.T, *house, []authcore.Registered) {
		return func(t *testing.T, h *house, d []authcore.Registered) {
			_, err := h.Devices.Block(t.Context(), authcore.Operator(), d[n].Device.ID)
			must(t, err)
		}
	}
	notified := func(t *testing.T, h *house, d []authcore.Registered) {
		h.write(t, func(tx authcore.Tx) error { return tx.SetNotified(d[2].Device.ID, true, h.clock.Now()) })
	}
	noMail := func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindPhone, authcore.KindHOTP} }
	noChannel := func(o *authcore.Options) {
		o.Channels = map[authcore.DeviceKind]authcore.Channel{authcore.KindPhone: o.Channels[authcore.KindPhone]}
	}
	for _, c := range []struct {
		what    string
		devices []authcore.Enrolment
		change  func(*testing.T, *house, []authcore.Registered)
		options func(*authcore.Options) // when it is asked for
		want    string
	}{
		{"the oldest", []authcore.Enrolment{hotp, phone, mail}, nil, nil, number},
		{"notified", []authcore.Enrolment{hotp, phone, mail}, notified, nil, "a@example.com"},
		{"one that is no factor", []authcore.Enrolment{mail, phone}, nil, noMail, "a@example.com"},
		{"beside one that is no factor", []authcore.Enrolment{phone, mail}, nil, noMail, ""},
		{"beside one without a channel", []authcore.Enrolment{phone, mail}, nil, noChannel, ""},
		{"beside a blocked one", []authcore.Enrolment{phone, hotp}, block(1), nil, ""},
		{"to a blocked one", []authcore.Enrolment{phone, hotp}, block(0), nil, ""},
		{"without a channel", []authcore.Enrolment{mail, hotp}, nil, noChannel, ""},
		{"no address", []authcore.Enrolment{hotp, hotp}, nil, nil, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			h, outbox := phones(t, func(o *authcore.Options) { o.Factors = append(o.Factors, authcore.KindEmail) })
			h.user(t, "alice")
			var made []authcore.Registered
			for _, e := range c.devices {
				e.User = "alice"
				made = append(made, h.add(t, e))
			}
			if c.change != nil {
				c.change(t, h, made)
			}
			h.again(t, c.options).asks(t, "alice")
			got := ""
			if outbox.Sent() > 0 {
				got = outbox.Last(t).To
			}
			if got != c.want {
				t.Errorf("the code went to %q, want %q", got, c.want)
			}
		})
	}
}

// Backup codes are another device, as long as there are any.
func TestBackupCodesStandBesideARestoredPassword(t *testing.T) {
	h, outbox := phones(t, nil)
	_, v := h.phone(t, "alice", number)
	h.next(t, v)
	login, err := h.Logins.Second(t.Context(), v, outbox.Last(t).Code)
	must(t, err)
	codes := h.backups(t, login)
	sent := outbox.Sent()
	h.asks(t, "alice")
	if outbox.Sent() != sent+1 {
		t.Error("no code was sent beside backup codes")
	}
	for _, code := range codes {
		_, err := h.Logins.Second(t.Context(), v, code)
		must(t, err)
	}
	h.asks(t, "alice")
	if outbox.Sent() != sent+1 {
		t.Error("a code was sent beside backup codes that are used")
	}
}

// One of a thousand: a code, and a token, are good once.
func TestPasswordIsRestoredOnce(t *testing.T) {
	f := newForgetful(t, nil)
	second := f.again(t, nil)
	r := f.asks(t, "alice")
	code := f.outbox.Last(t).Code
	var wait sync.WaitGroup
	var won atomic.Int32
	var next atomic.Value
	for n := range 8 {
		node := []*house{f.house, second}[n%2]
		wait.Go(func() {
			token, _, err := node.Users.RestoreCode(t.Context(), by(""), r.Token, code)
			if err == nil {
				won.Add(1)
				next.Store(token)
			} else if authcore.CodeOf(err) != authcore.CodeUnauthenticated {
				t.Errorf("a code that is shown again: %v", err)
			}
		})
	}
	wait.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d times the code was right", won.Load())
	}
	token := next.Load().(string)
	for n := range 8 {
		node := []*house{f.house, second}[n%2]
		wait.Go(func() {
			err := node.Users.RestorePassword(t.Context(), by(""), token, chosen)
			if err == nil {
				won.Add(1)
			} else if authcore.CodeOf(err) != authcore.CodeUnauthenticated {
				t.Errorf("a token that is shown again: %v", err)
			}
		})
	}
	wait.Wait()
	if won.Load() != 2 {
		t.Errorf("%d times the password was restored", won.Load()-1)
	}
}

// Who logs in by the word of another source does not know whose password it is: it may be that
// of who reads his mail, for whom the device would be both factors.
func TestAnotherSourceDoesNotVouchForAPassword(t *testing.T) {
	f := newForgetful(t, func(o *authcore.Options) { o.Identities = map[string]authcore.IdentitySource{"google": &source{}} })
	f.link(t, "alice", "1234")
	f.restores(t)
	v, err := f.external(t, "google", "good:1234")
	must(t, err)
	login, err := f.Logins.Second(t.Context(), v, authtest.HOTP(t, f.other.Secret, 0))
	must(t, err)
	f.refresh(t)
	if by := f.restoredBy(t); by != number {
		t.Errorf("after a login by another source it is %q", by)
	}
	_, err = f.Logins.SendTo(t.Context(), f.shows(t), f.phone.ID, true)
	wantCode(t, err, authcore.CodeNotFound)

	// Nor when he goes on from there to replace his app.
	ticket, err := f.Logins.ReplaceApp(t.Context(), authcore.ActingUser(f.passes(t, login.Token)), attempt(""))
	must(t, err)
	next, _, err := f.Logins.Resume(t.Context(), attempt(""), ticket)
	must(t, err)
	app, err := f.Logins.SetApp(t.Context(), next)
	must(t, err)
	login, err = f.Logins.Second(t.Context(), next, authtest.TOTP(t, app.Secret, f.clock.Now()))
	must(t, err)
	f.refresh(t)
	if by := f.restoredBy(t); by != number {
		t.Errorf("after another app it is %q", by)
	}
	if p := f.passes(t, login.Token); p.AMR[0] != "fed" {
		t.Errorf("methods %v", p.AMR)
	}
}

// He is told of a password that was restored where the code did not go, as long as there is
// another way: who reads it there may be the one who restored it.
func TestRestoredPasswordIsToldElsewhere(t *testing.T) {
	const mail, other = "alice@example.com", "+79009999999"
	for name, c := range map[string]struct {
		email, phone string // his own
		device       bool   // a phone beside the mailbox
		want         string
	}{
		"his own phone":        {mail, other, false, other},
		"the phone he has":     {mail, "", true, other},
		"another mailbox":      {"a@example.org", "", true, "a@example.org"},
		"nowhere else":         {mail, "", false, mail},
		"nowhere but a device": {"", "", false, mail},
	} {
		t.Run(name, func(t *testing.T) {
			h, outbox := phones(t, func(o *authcore.Options) { o.Factors = append(o.Factors, authcore.KindEmail) })
			h.user(t, "alice")
			h.add(t, authcore.Enrolment{User: "alice", Kind: authcore.KindEmail, Address: mail, Notified: true})
			h.add(t, authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
			if c.device {
				h.add(t, authcore.Enrolment{User: "alice", Kind: authcore.KindPhone, Address: other})
			}
			_, err := h.Users.Update(t.Context(), authcore.Operator(), "alice", authcore.Changes{Email: &c.email, Phone: &c.phone})
			must(t, err)
			r := h.asks(t, "alice")
			next, _, err := h.Users.RestoreCode(t.Context(), by(""), r.Token, outbox.Last(t).Code)
			must(t, err)
			must(t, h.Users.RestorePassword(t.Context(), by(""), next, chosen))
			for n := 1; ; n++ {
				if told := outbox.Told(t, n)[n-1]; strings.Contains(told.Text, "password was changed") {
					if told.To != c.want {
						t.Errorf("told at %s, want %s", told.To, c.want)
					}
					return
				}
			}
		})
	}
}
