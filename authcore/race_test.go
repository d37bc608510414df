package authcore_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// parallel runs f n times at once and counts how often it succeeded.
func parallel(n int, f func(i int) error) (won int64) {
	var wg sync.WaitGroup
	var count atomic.Int64
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			if f(i) == nil {
				count.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return count.Load()
}

// LCK-07, law 3: of any number of parallel wrong codes exactly as many are
// looked at as the limit allows, and each of them was counted.
func TestParallelWrongCodesStopAtTheLimit(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	code := m.wrong(t)
	if won := parallel(200, func(int) error {
		_, err := h.Logins.Second(t.Context(), m.verified, code)
		return err
	}); won != 0 {
		t.Fatalf("%d wrong codes logged in", won)
	}
	reasons := h.reasons(t, "login.code")
	a := h.attempts(t, m.device.Device.ID)
	if reasons["wrong_code"] != 10 || reasons["paused"] != 190 || a.Total != 10 || a.Failures != 10 {
		t.Errorf("looked at and refused: %v, counted: %+v; want 10 looked at, 190 not, 10 counted", reasons, a)
	}
}

// meeting is a Store whose second Write of each call waits until all calls are
// there, so that a thousand of them have matched before one is consumed.
type meeting struct {
	authcore.Store
	all *sync.WaitGroup
}

type writes struct{}

func (m meeting) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	if n, ok := ctx.Value(writes{}).(*int); ok {
		if *n++; *n == 2 {
			m.all.Done()
			m.all.Wait()
		}
	}
	return m.Store.Write(ctx, fn)
}

// OTP-05, law 2: of a thousand parallel posts of one right code, all of which
// matched, one wins.
func TestOneOfAThousandParallelLoginsWins(t *testing.T) {
	const n = 1000
	all := &sync.WaitGroup{}
	all.Add(n)
	h := newCore(t, func(o *authcore.Options) {
		o.Store = meeting{o.Store, all}
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device = authcore.AttemptLimit{InARow: 10 * n, Window: time.Hour, Pause: time.Hour}
	})
	m := h.member(t, "alice")
	code := m.code(t)
	h.faults.Reset()
	won := parallel(n, func(int) error {
		_, err := h.Logins.Second(context.WithValue(t.Context(), writes{}, new(int)), m.verified, code)
		return err
	})
	if won != 1 {
		t.Errorf("%d logins, want exactly 1", won)
	}
	if reached := h.faults.CountMatching("UPDATE devices SET last_counter"); reached < 900 {
		t.Errorf("%d reached the statement that decides, want at least 900", reached)
	}
	sessions, err := h.Sessions.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	if len(sessions) != 1 {
		t.Errorf("%d sessions, want 1", len(sessions))
	}
	if lost := h.reasons(t, "login.code")["replayed_or_revoked"]; lost != n-1 {
		t.Errorf("%d audited as replayed, want %d", lost, n-1)
	}
}
