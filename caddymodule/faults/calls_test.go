package faults

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/storage/storagetest"
)

// FI-18: whatever call of the store fails, and however, nobody is let in by it,
// and the audit trail tells of as many logins as there are sessions. (The same
// at the doors, for SQLite: caddymodule/integration, faults_test.go.)
func TestEveryCallFails(t *testing.T) {
	for name, open := range stores() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := begin(t, "FI-18")
			f := &brittle{Faults: new(storagetest.Faults)}
			f.Before = f.before
			f.core = newCore(t, open(t, f.Wrap), newRing(t), authcore.SystemClock{})
			for kind, order := range f.orders() {
				f.logins(x, kind, order)
				f.requests(x, kind, order)
			}
			f.consistent(x)
		})
	}
}

// brittle is a core over a driver that fails on order.
type brittle struct {
	*storagetest.Faults
	core    *core
	panicIn atomic.Int64
	users   int
}

// before panics in statements that give no rows. database/sql is not made for
// drivers that panic: in a query, BEGIN or COMMIT it never gets the connection
// back, and logins are refused with 503 until a restart.
func (f *brittle) before(query string) {
	rows := query == "BEGIN" || query == "COMMIT" || strings.Contains(query, "SELECT") || strings.Contains(query, "RETURNING")
	if !rows && f.panicIn.Load() > 0 && f.panicIn.Add(-1) == 0 {
		panic("the driver panics")
	}
}

// orders are how the n-th call can fail.
func (f *brittle) orders() map[string]func(n int) {
	return map[string]func(n int){
		"an error":       func(n int) { f.FailNext(n, nil) },
		"a time-out":     func(n int) { f.FailNext(n, context.DeadlineExceeded) },
		"a panic":        func(n int) { f.panicIn.Store(int64(n)) },
		"no row":         func(n int) { f.MiscountNext(n, 0) },
		"a row too many": func(n int) { f.MiscountNext(n, 2) },
	}
}

// try runs do with the n-th call failing. Over is true when there are fewer.
func (f *brittle) try(order func(int), n int, do func() error) (over bool, err error) {
	f.Reset()
	order(n)
	err = do()
	over = f.Pending() || f.panicIn.Swap(0) > 0
	f.Reset()
	return over, err
}

// logins: the password first, then codes: right, used before, and wrong.
func (f *brittle) logins(x *experiment, kind string, order func(int)) {
	f.users++
	name := fmt.Sprint("user", f.users)
	d := f.core.enrol(name, authcore.KindHOTP)
	refused := 0 // by a wrong count
	// Each try of a password costs a hash: two of these kinds are like the others.
	for n, over := 1, kind == "a time-out" || kind == "a row too many"; !over; n++ {
		var err error
		over, err = f.try(order, n, func() error { _, err := f.core.verified(name); return err })
		refused += counts(err)
		f.judge(x, fmt.Sprintf("%s in call %d of a password", kind, n), kind, over, err)
	}
	v, err := f.core.verified(name)
	if err != nil {
		x.t.Fatal(err)
	}
	next := int64(0)
	second := func(counter int64) error {
		l, err := f.core.Logins.Second(context.Background(), v, authtest.HOTP(x.t, d.Secret, counter))
		if (l.Token != "") != (err == nil) {
			x.violate("a token and %v", err)
		}
		return err
	}
	for n, over := 1, false; !over; n++ {
		over, err = f.try(order, n, func() error { return second(next) })
		refused += counts(err)
		f.judge(x, fmt.Sprintf("%s in call %d of a code", kind, n), kind, over, err)
		if err == nil {
			if second(next) == nil {
				x.violate("%s in call %d of a code: it works twice", kind, n)
			}
		}
		next++ // it may be used up
		if err := second(next); err != nil {
			x.violate("after %s in call %d a login gives %v", kind, n, err)
		}
		if _, err := f.try(order, n, func() error { return second(next) }); err == nil {
			x.violate("with %s in call %d a used code works", kind, n)
		}
		if err := second(next + 1); err != nil {
			x.violate("after %s in call %d of a used code a login gives %v", kind, n, err)
		}
		next += 2
	}
	// A password is counted in two rows, a code in one, and one row says who used it.
	if kind == "no row" && refused < 4 {
		x.violate("%d statements that changed no row refused, want 4", refused)
	}
}

func counts(err error) int {
	if authcore.CodeOf(err) == authcore.CodeUnauthenticated {
		return 1
	}
	return 0
}

// requests: a token that is seen for the first time.
func (f *brittle) requests(x *experiment, kind string, order func(int)) {
	f.users++
	name := fmt.Sprint("user", f.users)
	d := f.core.enrol(name, authcore.KindHOTP)
	l, err := f.core.login(name, authtest.HOTP(x.t, d.Secret, 0))
	if err != nil {
		x.t.Fatal(err)
	}
	for n, over := 1, false; !over; n++ {
		var p *authcore.Principal
		over, err = f.try(order, n, func() (err error) {
			p, err = f.core.Gatekeeper.Authenticate(context.Background(), l.Token, coreAudience)
			return err
		})
		if (p != nil) != (err == nil) {
			x.violate("a principal and %v", err)
		}
		f.judge(x, fmt.Sprintf("%s in call %d of a request", kind, n), kind, over, err)
	}
}

// judge: a call that failed fails all; a wrong count may be of a statement that
// decides nothing. Nothing but a refusal or "try again" comes out.
func (f *brittle) judge(x *experiment, what, kind string, over bool, err error) {
	x.t.Helper()
	x.ack()
	code := authcore.CodeOf(err)
	miscounted := kind == "no row" || kind == "a row too many"
	switch {
	case over && err != nil:
		x.violate("without a fault: %v", err)
	case !over && err == nil && !miscounted:
		x.violate("%s: it goes through", what)
	case err != nil && code != authcore.CodeUnavailable && (!miscounted || code != authcore.CodeUnauthenticated):
		x.violate("%s gives %v", what, err)
	}
}

func (f *brittle) consistent(x *experiment) {
	x.t.Helper()
	sessions, told := 0, 0
	err := f.core.store.Read(x.t.Context(), func(tx authcore.Tx) error {
		open, err := tx.Sessions("", time.Now())
		if err != nil {
			return err
		}
		events, err := tx.Events(100_000)
		for _, e := range events {
			if e.Action == "login.code" && e.Outcome == authcore.OutcomeOK {
				told++
			}
		}
		sessions = len(open)
		return err
	})
	if err != nil || sessions != told {
		x.violate("%d sessions, and %d audit rows tell of one (%v)", sessions, told, err)
	}
	x.note("sessions", sessions)
}
