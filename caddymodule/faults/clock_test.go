package faults

import (
	"errors"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// jumps are how a clock may be wrong: how far, or where to.
var jumps = map[string]func(time.Time) time.Time{
	"an-hour-ahead":    func(t time.Time) time.Time { return t.Add(time.Hour) },
	"an-hour-back":     func(t time.Time) time.Time { return t.Add(-time.Hour) },
	"two-seconds-back": func(t time.Time) time.Time { return t.Add(-2 * time.Second) },
	"ten-years-ahead":  func(t time.Time) time.Time { return t.AddDate(10, 0, 0) },
	"the-end-of-2038":  func(time.Time) time.Time { return time.Unix(1<<31-20, 0) },
	"the-end-of-2106":  func(time.Time) time.Time { return time.Unix(1<<32-20, 0) },
	"the-year-2263":    func(time.Time) time.Time { return time.Date(2263, 1, 1, 0, 0, 0, 0, time.UTC) }, // beyond nanoseconds in int64
	"the-year-1970":    func(time.Time) time.Time { return time.Unix(5, 0) },
	"before-1970":      func(time.Time) time.Time { return time.Date(1965, 1, 1, 0, 0, 0, 0, time.UTC) },
}

// FI-10: whatever the clock does, a used step stays used, and no session and no
// token lives longer than it was given. (The core is turned, not the machine:
// a Go program ignores faketime.)
func TestClockJumps(t *testing.T) {
	t.Parallel()
	x := begin(t, "FI-10")
	clock := authtest.NewClock()
	start := clock.Now()
	c := newCore(t, stores()["sqlite"](t, nil), newRing(t), clock)
	turnTo := func(to time.Time) { clock.Turn(to.Sub(clock.Now())) }
	for name, jump := range jumps {
		turnTo(start)
		d := c.enrol(name, authcore.KindTOTP)
		v, err := c.verified(name) // a hash takes its time: one for all codes
		if err != nil {
			t.Fatal(name, err)
		}
		login := func(code string) (authcore.Login, error) { return c.Logins.Second(t.Context(), v, code) }
		before, err := login(authtest.TOTP(t, d.Secret, start))
		if err != nil {
			t.Fatal(name, err)
		}
		x.ack()
		clockWent := jump(start)
		clock.Turn(time.Second)
		turnTo(clockWent)
		refusedFor(x, name+": the used step", func() error { _, err := login(authtest.TOTP(t, d.Secret, start)); return err }())
		there, err := login(authtest.TOTP(t, d.Secret, clockWent))
		switch {
		case err != nil && (clockWent.After(start) || authcore.CodeOf(err) == authcore.CodeInternal):
			x.violate("%s: a login there gives %v", name, err)
		case err == nil && !clockWent.After(start):
			x.violate("%s: a step before the used one was accepted", name)
		}
		if clockWent.Before(before.ExpiresAt) != (c.passes(before.Token, clock) == nil) && clockWent.After(start.Add(-30*time.Second)) {
			x.violate("%s: the token of before does not end when it should", name)
		}
		turnTo(start.Add(time.Minute)) // set right again
		refusedFor(x, name+": the used step, back again", func() error { _, err := login(authtest.TOTP(t, d.Secret, start)); return err }())
		if there.Token != "" {
			refusedFor(x, name+": the step used there", func() error {
				_, err := login(authtest.TOTP(t, d.Secret, clockWent))
				return err
			}())
			if there.Session.ExpiresAt.Sub(clockWent) != authcore.DefaultLifetime {
				x.violate("%s: a session of %s", name, there.Session.ExpiresAt.Sub(clockWent))
			}
		}
		for end, l := range map[string]authcore.Login{"before": before, "there": there} {
			if l.Token == "" {
				continue
			}
			turnTo(l.ExpiresAt.Add(-time.Second))
			if err := c.passes(l.Token, clock); err != nil {
				x.violate("%s: the token of %s ends too early: %v", name, end, err)
			}
			turnTo(l.ExpiresAt)
			refusedFor(x, name+": the token of "+end+" at its end", c.passes(l.Token, clock))
			turnTo(l.ExpiresAt.AddDate(0, 0, 1))
			refusedFor(x, name+": a day later", c.passes(l.Token, clock))
		}
	}
}

// FI-10: of two nodes one is ahead. The other takes its tokens within the
// leeway of 30 s, and a code that was used on one is used on both.
func TestNodeAhead(t *testing.T) {
	x := begin(t, "FI-10")
	store, ring := stores()["sqlite"](t, nil), newRing(t)
	clockA, clockB := authtest.NewClock(), authtest.NewClock()
	a, b := newCore(t, store, ring, clockA), newCore(t, store, ring, clockB)
	d := a.enrol("alice", authcore.KindTOTP)
	for _, ahead := range []time.Duration{20 * time.Second, 30 * time.Second, 31 * time.Second, time.Hour} {
		clockA.Turn(clockB.Now().Add(ahead).Sub(clockA.Now()))
		code := authtest.TOTP(t, d.Secret, clockA.Now())
		login, err := a.login("alice", code)
		if err != nil {
			t.Fatal(ahead, err)
		}
		x.ack()
		if _, err := b.login("alice", code); err == nil {
			x.violate("%s ahead: one code, two logins", ahead)
		}
		if passes := b.passes(login.Token, clockB) == nil; passes != (ahead <= 30*time.Second) {
			x.violate("%s ahead: the other node takes the token: %v", ahead, passes)
		}
		clockB.Turn(ahead)
		if err := b.passes(login.Token, clockB); err != nil {
			x.violate("%s ahead: refused when the other clock is there: %v", ahead, err)
		}
		clockB.Turn(time.Minute) // the next step
	}
}

// FI-10: a node that is more than 30 s off from the database's clock judges no
// code and is not ready; it is again when its clock is set.
func TestNodeOffTheDatabase(t *testing.T) {
	x := begin(t, "FI-10")
	clock := authtest.NewClock()
	clock.Turn(time.Since(clock.Now()) - time.Hour) // the signing key is older than what follows
	c := newCore(t, stores()["postgres"](t, nil), newRing(t), clock)
	d := c.enrol("alice", authcore.KindHOTP)
	next := int64(0)
	for _, by := range []time.Duration{0, 20 * time.Second, -20 * time.Second, 40 * time.Second, -40 * time.Second, 0} {
		clock.Turn(time.Since(clock.Now()) + by)
		if err := c.live.Refresh(t.Context(), c.store, clock.Now()); err != nil {
			t.Fatal(err)
		}
		remark, notReady := c.Ready()
		_, err := c.login("alice", authtest.HOTP(t, d.Secret, next))
		if err == nil {
			next++
			x.ack()
		}
		if by.Abs() > 30*time.Second {
			if authcore.CodeOf(err) != authcore.CodeUnavailable || authcore.CodeOf(notReady) != authcore.CodeUnavailable {
				x.violate("%s off: a login gives %v, and readiness %v", by, err, notReady)
			}
		} else if err != nil || notReady != nil || (remark != "") != (by != 0) {
			x.violate("%s off: a login gives %v, and readiness %q %v", by, err, remark, notReady)
		}
	}
}

func refusedFor(x *experiment, what string, err error) {
	x.t.Helper()
	var known *authcore.Error
	if !errors.As(err, &known) || known.Code != authcore.CodeUnauthenticated {
		x.violate("%s gives %v, want a refusal", what, err)
	}
}
