package authcore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// senders is a validation with a channel of each name.
type senders struct {
	*validation
	phone, email, voice *authtest.Outbox
}

func newSenders(t testing.TB, change func(*authcore.Options)) *senders {
	t.Helper()
	s := &senders{phone: new(authtest.Outbox), email: new(authtest.Outbox), voice: new(authtest.Outbox)}
	s.validation = newValidation(t, func(o *authcore.Options) {
		o.Channels = map[authcore.DeviceKind]authcore.Channel{authcore.KindPhone: s.phone, authcore.KindEmail: s.email}
		o.Voice = s.voice
		o.Factors = authcore.Factors{authcore.KindHOTP, authcore.KindPhone, authcore.KindEmail}
		if change != nil {
			change(o)
		}
	})
	return s
}

// person is a user with an address of each kind, and a device.
func (s *senders) person(t testing.TB, name, number string) authcore.Registered {
	t.Helper()
	u := authcore.User{
		ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Name: name, Phone: number, Email: name + "@example.com",
		Language: "pt", CreatedAt: s.clock.Now(),
	}
	s.write(t, func(tx authcore.Tx) error { return tx.CreateUser(u) })
	return s.device(t, name, authcore.KindHOTP)
}

func (s *senders) send(t testing.TB, user, device string, by authcore.DeviceKind) (authcore.Device, error) {
	t.Helper()
	return s.Devices.SendCode(t.Context(), s.by, authcore.CodeToSend{
		User: user, Device: device, By: by, From: authcore.Origin{Address: "192.0.2.7", RequestID: "r7"},
	})
}

// sent sends alice a text message, and gives the code in it.
func (s *senders) sent(t testing.TB) string {
	t.Helper()
	_, err := s.send(t, "alice", "", authcore.KindPhone)
	must(t, err)
	return s.phone.Last(t).Code
}

// A code is sent to the user's own phone or address, and stands in once for one of his
// device; for a voice its digits stand apart.
func TestSentCodeStandsIn(t *testing.T) {
	for _, c := range []struct {
		by         authcore.DeviceKind
		to, factor string
	}{
		{authcore.KindPhone, "+79001234567", "phone"},
		{authcore.KindEmail, "alice@example.com", "email"},
		{authcore.ByVoice, "+79001234567", "phone"},
	} {
		t.Run(string(c.by), func(t *testing.T) {
			s := newSenders(t, nil)
			r := s.person(t, "alice", "+79001234567")
			d, err := s.send(t, "alice", "", c.by)
			must(t, err)
			if d.ID != r.Device.ID {
				t.Errorf("it stands in for %+v", d)
			}
			m := map[authcore.DeviceKind]*authtest.Outbox{authcore.KindPhone: s.phone, authcore.KindEmail: s.email, authcore.ByVoice: s.voice}[c.by].Last(t)
			shown := m.Code
			if c.by == authcore.ByVoice {
				shown = strings.Join(strings.Split(m.Code, ""), " ")
			}
			if m.To != c.to || len(m.Code) != 6 || !strings.Contains(m.Text, shown) || m.Language != "pt" || m.ExpiresAt.Sub(s.clock.Now()) != 10*time.Minute {
				t.Errorf("message %+v", m)
			}
			if n := s.phone.Sent() + s.email.Sent() + s.voice.Sent(); n != 1 {
				t.Errorf("%d messages", n)
			}
			_, err = s.ask(t, "alice", r.Device.Serial, m.Code)
			must(t, err)
			_, err = s.ask(t, "alice", r.Device.Serial, m.Code)
			refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonReplayed)
			if d, _, _ := s.Devices.Get(t.Context(), authcore.Operator(), r.Device.ID); d.LastCounter != -1 {
				t.Error("a counter was used up as well")
			}
			e := s.events(t, "code.send")[0]
			if e.Actor != "integrator:acme" || e.Outcome != "ok" || e.UserID != r.Device.UserID || e.DeviceID != r.Device.ID ||
				e.Factor != string(c.by) || e.Address != "192.0.2.7" || e.RequestID != "r7" {
				t.Errorf("the audit says %+v", e)
			}
			if e := s.events(t, "device.validate")[1]; e.Factor != c.factor || e.Outcome != "ok" {
				t.Errorf("the audit says %+v", e)
			}
		})
	}
}

// OTP-18: ten minutes, five wrong tries, one alive at a time, for one device and one
// dialect of one tenant.
func TestSentCodesThatAreNone(t *testing.T) {
	s := newSenders(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device.InARow, o.Limits.Send.InARow = 1000, 1000
	})
	s.person(t, "alice", "+79001234567")
	bob := s.person(t, "bob", "+79007654321")
	long := s.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Digits: 8})
	wrong := func(t *testing.T, user, device, code string, reason authcore.Reason) {
		t.Helper()
		_, err := s.ask(t, user, device, code)
		refused(t, err, authcore.CodeUnauthenticated, reason)
	}
	t.Run("expired", func(t *testing.T) {
		code := s.sent(t)
		s.clock.Turn(10 * time.Minute)
		wrong(t, "alice", "", code, authcore.ReasonExpired)
		wrong(t, "alice", "", wrongOf(code), authcore.ReasonExpired) // it is not compared
		s.clock.Turn(10*time.Minute + time.Second)
		wrong(t, "alice", "", code, authcore.ReasonWrongCode)
	})
	t.Run("for a device with longer codes", func(t *testing.T) {
		wrong(t, "alice", long.Device.ID, "123456", authcore.ReasonMalformedCode)
		_, err := s.send(t, "alice", long.Device.ID, authcore.KindPhone)
		must(t, err)
		code := s.phone.Last(t).Code
		wrong(t, "alice", long.Device.ID, wrongOf(code), authcore.ReasonWrongCode)
		wrong(t, "alice", "", code, authcore.ReasonWrongCode) // of his other device
		_, err = s.ask(t, "alice", long.Device.ID, code)
		must(t, err)
		wrong(t, "alice", long.Device.ID, code, authcore.ReasonReplayed)
		s.clock.Turn(21 * time.Minute)
		wrong(t, "alice", long.Device.ID, code, authcore.ReasonMalformedCode)
	})
	t.Run("replaced", func(t *testing.T) {
		old := s.sent(t)
		code := s.sent(t)
		if old != code {
			wrong(t, "alice", "", old, authcore.ReasonWrongCode)
		}
		_, err := s.ask(t, "alice", "", code)
		must(t, err)
	})
	t.Run("another's", func(t *testing.T) {
		wrong(t, "bob", bob.Device.ID, s.sent(t), authcore.ReasonWrongCode)
	})
	t.Run("after five wrong tries", func(t *testing.T) {
		code := s.sent(t)
		for range 5 {
			wrong(t, "alice", "", wrongOf(code), authcore.ReasonWrongCode)
		}
		wrong(t, "alice", "", code, authcore.ReasonWrongCode)
	})
	t.Run("of another dialect", func(t *testing.T) {
		code := s.sent(t)
		_, err := s.Devices.Validate(t.Context(), s.caller(t, "qi", "qitech", ""), authcore.Checked{User: "alice", Code: code})
		refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
		_, err = s.Devices.Validate(t.Context(), s.caller(t, "second", "surepassid", ""), authcore.Checked{User: "alice", Code: code})
		must(t, err) // of the same company
	})
}

// The device's own codes go on to count, and cost what was sent no try.
func TestOwnCodeBesideASentOne(t *testing.T) {
	s := newSenders(t, nil)
	r := s.person(t, "alice", "+79001234567")
	code := s.sent(t)
	for n := range int64(8) {
		_, err := s.ask(t, "alice", "", authtest.HOTP(t, r.Secret, n))
		must(t, err)
	}
	if a := s.attempts(t, r.Device.ID); a.Total != 0 {
		t.Errorf("counted %+v", a)
	}
	_, err := s.ask(t, "alice", "", wrongOf(code))
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	if a := s.attempts(t, r.Device.ID); a.Total != 1 {
		t.Errorf("counted %+v: both that it could be are of one device", a)
	}
	_, err = s.ask(t, "alice", "", code)
	must(t, err)
}

// What was sent for a login is nothing to an integrator, and the other way round.
func TestSentCodesKeepToValidation(t *testing.T) {
	s := newSenders(t, nil)
	s.user(t, "alice")
	s.write(t, func(tx authcore.Tx) error {
		u, err := tx.UserByLogin("default", "alice")
		must(t, err)
		return tx.SetUserContacts(u.ID, "", "+79001234567")
	})
	s.device(t, "alice", authcore.KindHOTP)
	s.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindPhone})
	v := s.verified(t, "alice")
	_, err := s.Logins.Send(t.Context(), v)
	must(t, err)
	login := s.phone.Last(t).Code
	_, err = s.ask(t, "alice", "", login)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	code := s.sent(t)
	_, err = s.Logins.Second(t.Context(), v, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = s.Logins.Second(t.Context(), v, login) // it was not replaced
	must(t, err)
	_, err = s.ask(t, "alice", "", code)
	must(t, err)
}

// A PIN stands before what is sent as well: it is no way round it.
func TestSentCodeNeedsThePIN(t *testing.T) {
	s := newSenders(t, nil)
	s.person(t, "alice", "+79001234567")
	r := s.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, PIN: "4815"})
	_, err := s.send(t, "alice", r.Device.ID, authcore.KindPhone)
	must(t, err)
	code := s.phone.Last(t).Code
	_, err = s.ask(t, "alice", r.Device.ID, code)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonMalformedCode)
	_, err = s.ask(t, "alice", r.Device.ID, "4816"+code)
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	_, err = s.ask(t, "alice", r.Device.ID, "4815"+code)
	must(t, err)
}

// What is refused sends nothing.
func TestCodesThatAreNotSent(t *testing.T) {
	s := newSenders(t, nil)
	alice := s.person(t, "alice", "+79001234567")
	s.person(t, "bob", "+79007654321")
	s.user(t, "carol")
	s.device(t, "carol", authcore.KindHOTP)
	s.user(t, "dave")
	stock := s.register(t, authcore.Operator(), authcore.Enrolment{Kind: authcore.KindHOTP})
	erin := s.person(t, "erin", "+79001111111")
	_, err := s.Devices.Block(t.Context(), authcore.Operator(), erin.Device.ID)
	must(t, err)
	s.person(t, "frank", "+79002222222")
	_, err = s.Users.SetDisabled(t.Context(), authcore.Operator(), "frank", true)
	must(t, err)
	himself := authcore.ActingUser(&authcore.Principal{UserID: alice.Device.UserID, Tenant: "default", AuthTime: s.clock.Now(), OTPTime: s.clock.Now()})
	bare := s.again(t, func(o *authcore.Options) { o.Channels, o.Voice = nil, nil })
	apps := s.again(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindHOTP} })
	for _, c := range []struct {
		name         string
		at           *house
		actor        authcore.Actor
		user, device string
		by           authcore.DeviceKind
		code         authcore.Code
		reason       authcore.Reason
	}{
		{"nobody asks", s.house, authcore.Actor{}, "alice", "", authcore.KindPhone, authcore.CodeForbidden, ""},
		{"a user asks", s.house, himself, "alice", "", authcore.KindPhone, authcore.CodeForbidden, ""},
		{"another tenant asks", s.house, s.caller(t, "other", "surepassid", "hr"), "alice", "", authcore.KindPhone, authcore.CodeNotFound, authcore.ReasonNoUser},
		{"another tenant asks by ID", s.house, s.caller(t, "third", "surepassid", "hr"), "", alice.Device.ID, authcore.KindPhone, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"no such user", s.house, s.by, "nobody", "", authcore.KindPhone, authcore.CodeNotFound, authcore.ReasonNoUser},
		{"another's device", s.house, s.by, "bob", alice.Device.ID, authcore.KindPhone, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"no device", s.house, s.by, "dave", "", authcore.KindPhone, authcore.CodeNotFound, authcore.ReasonNone},
		{"in stock", s.house, s.by, "", stock.Device.ID, authcore.KindPhone, authcore.CodeConflict, authcore.ReasonNoAddress},
		{"no phone", s.house, s.by, "carol", "", authcore.KindPhone, authcore.CodeConflict, authcore.ReasonNoAddress},
		{"no phone to call", s.house, s.by, "carol", "", authcore.ByVoice, authcore.CodeConflict, authcore.ReasonNoAddress},
		{"no e-mail address", s.house, s.by, "carol", "", authcore.KindEmail, authcore.CodeConflict, authcore.ReasonNoAddress},
		{"blocked", s.house, s.by, "erin", "", authcore.KindPhone, authcore.CodeForbidden, authcore.ReasonInactive},
		{"disabled", s.house, s.by, "frank", "", authcore.KindPhone, authcore.CodeForbidden, authcore.ReasonUserDisabled},
		{"by pigeon", s.house, s.by, "alice", "", "pigeon", authcore.CodeInvalid, ""},
		{"no way named", s.house, s.by, "alice", "", "", authcore.CodeInvalid, ""},
		{"by an app", s.house, s.by, "alice", "", authcore.KindHOTP, authcore.CodeInvalid, ""},
		{"no channel", bare, s.by, "alice", "", authcore.KindPhone, authcore.CodeUnavailable, authcore.ReasonUndelivered},
		{"no voice", bare, s.by, "alice", "", authcore.ByVoice, authcore.CodeUnavailable, authcore.ReasonUndelivered},
		{"phones don't count", apps, s.by, "alice", "", authcore.KindPhone, authcore.CodeUnavailable, authcore.ReasonUndelivered},
		{"phones don't count, nor do calls", apps, s.by, "alice", "", authcore.ByVoice, authcore.CodeUnavailable, authcore.ReasonUndelivered},
		{"e-mail does not count", apps, s.by, "alice", "", authcore.KindEmail, authcore.CodeUnavailable, authcore.ReasonUndelivered},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := s.reasons(t, "code.send")[string(c.reason)]
			_, err := c.at.Devices.SendCode(t.Context(), c.actor, authcore.CodeToSend{User: c.user, Device: c.device, By: c.by})
			refused(t, err, c.code, c.reason)
			if after := s.reasons(t, "code.send")[string(c.reason)]; c.reason != "" && after != before+1 {
				t.Errorf("%d rows of %s in the audit trail, want %d", after, c.reason, before+1)
			}
		})
	}
	if n := s.phone.Sent() + s.email.Sent() + s.voice.Sent(); n != 0 {
		t.Errorf("%d messages", n)
	}
}

// Law 6: what the operator takes from the factors counts no more, also when it was sent
// before; and an e-mail is no text message.
func TestSentCodeOfAFactorThatIsGone(t *testing.T) {
	s := newSenders(t, nil)
	s.person(t, "alice", "+79001234567")
	code := s.sent(t)
	mail := s.again(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindHOTP, authcore.KindEmail} })
	_, err := mail.Devices.Validate(t.Context(), s.by, authcore.Checked{User: "alice", Code: code})
	refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
	_, err = s.ask(t, "alice", "", code)
	must(t, err)
}

// LCK-11: so many messages to a user and to a number. The integrator's address is one
// for all of his users, and is not counted.
func TestSendCodeIsBounded(t *testing.T) {
	s := newSenders(t, nil)
	s.person(t, "alice", "+79001234567")
	for n := range 10 {
		_, err := s.send(t, "alice", "", []authcore.DeviceKind{authcore.KindPhone, authcore.ByVoice}[n%2])
		must(t, err)
	}
	_, err := s.send(t, "alice", "", authcore.KindEmail)
	refused(t, err, authcore.CodeThrottled, authcore.ReasonPaused)
	var e *authcore.Error
	if !errors.As(err, &e) || e.RetryAfter != time.Hour {
		t.Errorf("%+v", e)
	}
	r := s.person(t, "bob", "+79007654321")
	s.write(t, func(tx authcore.Tx) error { // users may not share a number, but it may change hands
		u, err := tx.UserByLogin("default", "alice")
		must(t, err)
		must(t, tx.SetUserContacts(u.ID, u.Email, ""))
		return tx.SetUserContacts(r.Device.UserID, "bob@example.com", "+79001234567")
	})
	_, err = s.send(t, "bob", "", authcore.KindPhone)
	refused(t, err, authcore.CodeThrottled, authcore.ReasonPaused)
	if got := s.reasons(t, "code.send"); got["send_user"] != 1 || got["send_number"] != 1 {
		t.Errorf("the audit says %v", got)
	}
	for n := range 40 {
		name := fmt.Sprintf("user%d", n)
		s.person(t, name, fmt.Sprintf("+7900000%04d", n))
		_, err := s.send(t, name, "", authcore.KindPhone)
		must(t, err)
	}
}

// A failed delivery says so and leaves no code behind; what surely was not sent does not
// count as sent, and no transaction waits for a channel.
func TestSendCodeUndelivered(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		counted int
	}{
		"surely not sent": {authcore.Unavailable(errors.New("refused")), 0},
		"perhaps sent":    {errors.New("no answer"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSenders(t, nil)
			r := s.person(t, "alice", "+79001234567")
			var code string
			s.phone.Fail = func(_ context.Context, m authcore.Message) error {
				s.write(t, func(authcore.Tx) error { code = m.Code; return nil })
				return c.err
			}
			_, err := s.send(t, "alice", "", authcore.KindPhone)
			refused(t, err, authcore.CodeUnavailable, authcore.ReasonUndelivered)
			_, err = s.ask(t, "alice", "", code)
			refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongCode)
			s.read(t, func(tx authcore.Tx) error {
				a, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptSendUser, Subject: r.Device.UserID})
				if a.Failures != c.counted {
					t.Errorf("%d counted as sent", a.Failures)
				}
				return err
			})
			if got := s.reasons(t, "code.send"); got["undelivered"] != 1 {
				t.Errorf("the audit says %v", got)
			}
		})
	}
}

// Law 2: of parallel questions about one sent code, each of which matched, one wins.
func TestOneOfManyValidationsOfASentCodeWins(t *testing.T) {
	const n = 5
	all := &sync.WaitGroup{}
	all.Add(n)
	s := newSenders(t, func(o *authcore.Options) { o.Store = meeting{o.Store, all} })
	r := s.person(t, "alice", "+79001234567")
	code := s.sent(t)
	won := parallel(n, func(int) error {
		_, err := s.Devices.Validate(meets(t), s.by, authcore.Checked{User: "alice", Code: code})
		if err != nil {
			refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonReplayed)
		}
		return err
	})
	if a := s.attempts(t, r.Device.ID); won != 1 || a.Total != n-1 {
		t.Errorf("%d won, counted %+v", won, a)
	}
}
