package authcore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// phones is a house with a channel for phones, where they are offered first.
func phones(t testing.TB, change func(*authcore.Options)) (*house, *authtest.Outbox) {
	t.Helper()
	outbox := new(authtest.Outbox)
	return newCore(t, func(o *authcore.Options) {
		o.Channels = map[authcore.DeviceKind]authcore.Channel{authcore.KindPhone: outbox, authcore.KindEmail: outbox}
		o.Factors = authcore.Factors{authcore.KindPhone, authcore.KindTOTP, authcore.KindHOTP}
		if change != nil {
			change(o)
		}
	}), outbox
}

// phone is a user whose phone the operator registered.
func (h *house) phone(t testing.TB, name, number string) (authcore.Device, *authcore.Verified) {
	t.Helper()
	h.user(t, name)
	r, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: name, Kind: authcore.KindPhone, Address: number})
	must(t, err)
	return r.Device, h.verified(t, name)
}

func (h *house) next(t testing.TB, v *authcore.Verified) authcore.Step {
	t.Helper()
	step, err := h.Logins.Next(t.Context(), v)
	must(t, err)
	return step
}

// wrongOf is a code of six digits that is not this one.
func wrongOf(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// A code that is sent opens once, and while it lives no other is sent.
func TestSentCodeLogsIn(t *testing.T) {
	h, outbox := phones(t, nil)
	d, v := h.phone(t, "alice", "+79001234567")
	step := h.next(t, v)
	want := authcore.Step{Kind: authcore.KindPhone, Address: "+79001234567", ExpiresAt: h.clock.Now().Add(10 * time.Minute)}
	if fmt.Sprint(step) != fmt.Sprint(want) {
		t.Errorf("step %+v, want %+v", step, want)
	}
	m := outbox.Last(t)
	if m.To != "+79001234567" || len(m.Code) != 6 || !strings.Contains(m.Text, m.Code) || m.Subject == "" || m.ID == "" || !m.ExpiresAt.Equal(want.ExpiresAt) {
		t.Errorf("message %+v", m)
	}
	h.clock.Turn(time.Minute)
	if again := h.next(t, v); again.ExpiresAt != step.ExpiresAt || outbox.Sent() != 1 {
		t.Errorf("another code was sent while one lives: %+v, %d messages", again, outbox.Sent())
	}
	login, err := h.Logins.Second(t.Context(), v, m.Code)
	must(t, err)
	h.refresh(t)
	if p := h.passes(t, login.Token); strings.Join(p.AMR, " ") != "pwd sms mfa" || p.DeviceID != d.ID || login.Activated {
		t.Errorf("principal %+v", p)
	}
	got, _, err := h.Devices.Get(t.Context(), authcore.Operator(), d.ID)
	must(t, err)
	if !got.LastUsedAt.Equal(h.clock.Now()) {
		t.Errorf("last used at %v", got.LastUsedAt)
	}
	_, err = h.Logins.Second(t.Context(), v, m.Code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	if h.next(t, v); outbox.Sent() != 2 {
		t.Errorf("%d messages after the code was used", outbox.Sent())
	}
}

// OTP-18: ten minutes, five wrong tries, one alive at a time, for one site and
// one door; and no code of another user.
func TestSentCodesThatAreRefused(t *testing.T) {
	h, outbox := phones(t, nil)
	d, v := h.phone(t, "alice", "+79001234567")
	_, bob := h.phone(t, "bob", "+79007654321")
	refused := func(t *testing.T, v *authcore.Verified, code string) {
		t.Helper()
		_, err := h.Logins.Second(t.Context(), v, code)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	fresh := func(t *testing.T) string {
		t.Helper()
		_, err := h.Logins.Send(t.Context(), v)
		must(t, err)
		return outbox.Last(t).Code
	}
	t.Run("before any was sent", func(t *testing.T) { refused(t, v, "000000") })
	t.Run("expired", func(t *testing.T) {
		code := fresh(t)
		h.clock.Turn(10 * time.Minute)
		refused(t, v, code)
	})
	t.Run("replaced", func(t *testing.T) {
		old := fresh(t)
		code := fresh(t)
		if old != code {
			refused(t, v, old)
		}
		_, err := h.Logins.Second(t.Context(), v, code)
		must(t, err)
	})
	t.Run("another user's", func(t *testing.T) {
		h.next(t, bob)
		theirs := outbox.Last(t).Code
		if fresh(t) != theirs {
			refused(t, v, theirs)
		}
	})
	for name, change := range map[string]func(*authcore.Attempt){
		"another site": func(a *authcore.Attempt) { a.Audience = "other" },
		"another door": func(a *authcore.Attempt) { a.ClientID = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			code := fresh(t)
			a := attempt("alice")
			change(&a)
			elsewhere, err := h.Logins.Primary(t.Context(), a)
			must(t, err)
			refused(t, elsewhere, code)
			_, err = h.Logins.Second(t.Context(), v, code) // where it was asked for it counts
			must(t, err)
		})
	}
	h.clock.Turn(2 * time.Hour)
	t.Run("after five wrong tries", func(t *testing.T) {
		code := fresh(t)
		for range 5 {
			refused(t, v, wrongOf(code))
		}
		refused(t, v, code)
		if a := h.attempts(t, d.ID); a.Failures != 5 {
			t.Errorf("%+v: what no longer is looked at counts for the device", a)
		}
	})
	t.Run("a new code gives no new tries at the device", func(t *testing.T) {
		code := fresh(t)
		for range 5 {
			refused(t, v, wrongOf(code))
		}
		code = fresh(t)
		_, err := h.Logins.Second(t.Context(), v, code)
		wantCode(t, err, authcore.CodeThrottled)
	})
}

// Law 2: of many parallel posts of a code that was sent one wins.
func TestOneOfManySentCodesWins(t *testing.T) {
	h, outbox := phones(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device.InARow = 1000
	})
	_, v := h.phone(t, "alice", "+79001234567")
	h.next(t, v)
	code := outbox.Last(t).Code
	var mu sync.Mutex
	won := 0
	var posts sync.WaitGroup
	for range 100 {
		posts.Go(func() {
			if _, err := h.Logins.Second(t.Context(), v, code); err == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	posts.Wait()
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

// SMS pumping: so many codes to a user, to a number and from an address.
func TestSendingIsBounded(t *testing.T) {
	h, outbox := phones(t, nil)
	_, v := h.phone(t, "alice", "+79001234567")
	send := func() error { _, err := h.Logins.Send(t.Context(), v); return err }
	for range 10 {
		must(t, send())
	}
	err := send()
	wantCode(t, err, authcore.CodeThrottled)
	var e *authcore.Error
	if !errors.As(err, &e) || e.RetryAfter != time.Hour || outbox.Sent() != 10 {
		t.Errorf("%+v, %d messages", e, outbox.Sent())
	}
	_, bob := h.phone(t, "bob", "+79001234567") // the same number, so not one more
	_, err = h.Logins.Send(t.Context(), bob)
	wantCode(t, err, authcore.CodeThrottled)
	h.clock.Turn(time.Hour)
	must(t, send())

	for i := range 20 { // from the same address: 11 are spent
		_, v := h.phone(t, fmt.Sprintf("user%d", i), fmt.Sprintf("+7900000%04d", i))
		_, err := h.Logins.Send(t.Context(), v)
		if i < 19 {
			must(t, err)
			continue
		}
		wantCode(t, err, authcore.CodeThrottled)
	}
	if n := h.reasons(t, "code.send"); n["send_user"] != 1 || n["send_number"] != 1 || n["send_address"] != 1 {
		t.Errorf("the audit says %v", n)
	}
}

// A failed delivery is an error, costs no try, and leaves no code behind. What
// surely was not sent does not count as sent.
func TestUndelivered(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		counted int
	}{
		"surely not sent": {authcore.Unavailable(errors.New("refused")), 0},
		"perhaps sent":    {errors.New("no answer"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			h, outbox := phones(t, nil)
			d, v := h.phone(t, "alice", "+79001234567")
			var code string
			outbox.Fail = func(ctx context.Context, m authcore.Message) error {
				if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > authcore.ChannelTime {
					t.Error("a delivery without an end")
				}
				h.write(t, func(tx authcore.Tx) error { code = m.Code; return nil }) // no transaction waits for it
				return c.err
			}
			gone, leave := context.WithCancel(t.Context())
			leave2 := outbox.Fail
			outbox.Fail = func(ctx context.Context, m authcore.Message) error { leave(); return leave2(ctx, m) }
			_, err := h.Logins.Next(gone, v)
			wantCode(t, err, authcore.CodeUnavailable)
			_, err = h.Logins.Second(t.Context(), v, code)
			wantCode(t, err, authcore.CodeUnauthenticated)
			if a := h.attempts(t, d.ID); a != (authcore.Attempts{}) {
				t.Errorf("it cost a try: %+v", a)
			}
			h.read(t, func(tx authcore.Tx) error {
				a, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptSendUser, Subject: d.UserID})
				if a.Failures != c.counted {
					t.Errorf("%d counted as sent", a.Failures)
				}
				return err
			})
			outbox.Fail = nil
			h.next(t, v)
			_, err = h.Logins.Second(t.Context(), v, outbox.Last(t).Code)
			must(t, err)
		})
	}
}

// Two requests at once send one message.
func TestParallelNextSendsOnce(t *testing.T) {
	h, outbox := phones(t, nil)
	_, v := h.phone(t, "alice", "+79001234567")
	var both sync.WaitGroup
	for range 8 {
		both.Go(func() {
			if _, err := h.Logins.Next(t.Context(), v); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if outbox.Sent() != 1 {
		t.Errorf("%d messages", outbox.Sent())
	}
}

// A code that was sent to one device is none of another.
func TestSentCodeOfOneDevice(t *testing.T) {
	h, outbox := phones(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindPhone, authcore.KindEmail} })
	phone, v := h.phone(t, "alice", "+79001234567")
	email, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindEmail, Address: "alice@example.com"})
	must(t, err)
	h.next(t, v)
	code := outbox.Last(t).Code
	_, err = h.Logins.Second(t.Context(), v, wrongOf(code))
	wantCode(t, err, authcore.CodeUnauthenticated)
	if a, b := h.attempts(t, phone.ID), h.attempts(t, email.Device.ID); a.Total != 1 || b.Total != 0 {
		t.Errorf("counted at the phone %d times, at the address %d", a.Total, b.Total)
	}
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), phone.ID)
	must(t, err)
	_, err = h.Logins.Second(t.Context(), v, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	if step := h.next(t, v); step.Kind != authcore.KindEmail || outbox.Sent() != 2 {
		t.Errorf("step %+v, %d messages", step, outbox.Sent())
	}
}

// Rows are locked in one order, the challenge before the tries: of a code that is
// being counted, another that is used up and a sending that failed, none may wait
// for the other on PostgreSQL.
func TestTheChallengeIsLockedBeforeTheTries(t *testing.T) {
	h, outbox := phones(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindHOTP, authcore.KindPhone} })
	m := h.member(t, "alice")
	_, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindPhone, Address: "+79001234567"})
	must(t, err)
	_, err = h.Logins.Send(t.Context(), m.verified)
	must(t, err)
	h.live.Settle() // who is told of the phone reads
	var order []string
	h.faults.Before = func(query string) {
		for _, table := range []string{"challenges", "attempts"} {
			for _, verb := range []string{"UPDATE ", "INSERT INTO ", "DELETE FROM "} {
				if strings.HasPrefix(query, verb+table) && (len(order) == 0 || order[len(order)-1] != table) {
					order = append(order, table)
				}
			}
		}
		if query == "COMMIT" {
			order = append(order, ";")
		}
	}
	ordered := func(what string, want string) {
		t.Helper()
		if got := strings.Join(order, " "); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
		order = nil
	}
	_, err = h.Logins.Second(t.Context(), m.verified, m.wrong(t))
	wantCode(t, err, authcore.CodeUnauthenticated)
	ordered("a wrong code", "challenges attempts ;")
	_, err = h.Logins.Second(t.Context(), m.verified, m.code(t))
	must(t, err)
	ordered("a code of the other device", "challenges attempts ; challenges attempts ;")
	_, err = h.Logins.Second(t.Context(), m.verified, outbox.Last(t).Code)
	must(t, err)
	ordered("the code that was sent", "challenges attempts ; challenges attempts ;")
	outbox.Fail = func(context.Context, authcore.Message) error { return authcore.Unavailable(errors.New("away")) }
	_, err = h.Logins.Send(t.Context(), m.verified)
	wantCode(t, err, authcore.CodeUnavailable)
	ordered("a sending that fails", "; attempts challenges ; attempts challenges ;") // first it reads
}

// A gateway that is frozen holds so many requests, and no more; what it holds up
// costs no sending.
func TestDeliveriesAreBounded(t *testing.T) {
	h, outbox := phones(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Send.InARow, o.Limits.SendAddress.InARow = 1000, 1000
	})
	_, v := h.phone(t, "alice", "+79001234567")
	frozen, begun := make(chan struct{}), make(chan struct{}, 100)
	outbox.Fail = func(context.Context, authcore.Message) error { begun <- struct{}{}; <-frozen; return nil }
	var held sync.WaitGroup
	for range 64 {
		held.Go(func() { _, _ = h.Logins.Send(t.Context(), v) })
	}
	for range 64 {
		<-begun
	}
	_, err := h.Logins.Send(t.Context(), v)
	wantCode(t, err, authcore.CodeUnavailable)
	close(frozen)
	held.Wait()
	outbox.Fail = nil
	if _, err := h.Logins.Send(t.Context(), v); err != nil {
		t.Error(err)
	}
}

// Codes that were used don't use up what an address may ask for.
func TestUsedCodesFreeTheAddress(t *testing.T) {
	h, outbox := phones(t, nil)
	for i := range 40 {
		_, v := h.phone(t, fmt.Sprintf("user%d", i), fmt.Sprintf("+7900000%04d", i))
		h.next(t, v)
		_, err := h.Logins.Second(t.Context(), v, outbox.Last(t).Code)
		must(t, err)
	}
}
