package authcore_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// admitted is how many of n calls are let in.
func (h *house) admitted(t testing.TB, n int, k authcore.Knock) (in int) {
	t.Helper()
	for range n {
		_, err := h.Integrators.Admit(t.Context(), k)
		if err == nil {
			in++
			continue
		}
		wantCode(t, err, authcore.CodeThrottled)
		if authcore.ReasonOf(err) != authcore.ReasonRate {
			t.Errorf("%v because %q", err, authcore.ReasonOf(err))
		}
	}
	return in
}

func wantIn(t testing.TB, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d calls are let in, want %d", what, got, want)
	}
}

// A minute's worth at once, then as the minute goes by; for each integrator by
// itself, and through a reload.
func TestRate(t *testing.T) {
	h := newCore(t, nil)
	acme, other := h.partner(t, authcore.Integrator{Name: "acme", Rate: 6, Operations: []string{"read"}}).knock, h.partner(t, authcore.Integrator{Name: "other", Rate: 1}).knock
	wantIn(t, "at once", h.admitted(t, 9, acme), 6)
	_, err := h.Integrators.Admit(t.Context(), acme)
	if wait := retryAfter(err); wait != 10*time.Second {
		t.Errorf("the next call is let in after %s, want 10s", wait)
	}
	write := acme
	write.Operation = "write"
	_, err = h.Integrators.Admit(t.Context(), write) // nobody probes for more than his rate
	wantCode(t, err, authcore.CodeThrottled)
	h.clock.Turn(10*time.Second - time.Millisecond)
	wantIn(t, "too early", h.admitted(t, 1, acme), 0)
	h.clock.Turn(time.Millisecond)
	wantIn(t, "after ten seconds", h.admitted(t, 2, acme), 1)
	wantIn(t, "another", h.admitted(t, 2, other), 1)
	reloaded := h.again(t, func(o *authcore.Options) { o.Live = h.live })
	wantIn(t, "after a reload", reloaded.admitted(t, 2, acme), 0)
	wantIn(t, "on another node", h.again(t, nil).admitted(t, 9, acme), 6)
	h.clock.Turn(-time.Hour)
	wantIn(t, "after the clock was set back", h.admitted(t, 1, acme), 0)
	h.clock.Turn(time.Minute)
	wantIn(t, "a minute later", h.admitted(t, 9, acme), 6)
	h.clock.Turn(24 * time.Hour)
	wantIn(t, "a day later", h.admitted(t, 9, acme), 6)
}

func TestRateOfParallelCalls(t *testing.T) {
	h := newCore(t, nil)
	acme := h.partner(t, authcore.Integrator{Name: "acme", Rate: 5}).knock
	var in atomic.Int64
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := h.Integrators.Admit(t.Context(), acme); err == nil {
				in.Add(1)
			}
		})
	}
	group.Wait()
	wantIn(t, "in parallel", int(in.Load()), 5)
}

// Whoever knocks without a key can't fill the audit trail: not from one address, nor
// from many.
func TestRefusedKnocksDoNotFloodTheAuditTrail(t *testing.T) {
	h := newCore(t, nil)
	knock := authcore.Knock{Dialect: "fake", Name: "nobody", Key: "WRONG", From: authcore.Origin{Address: "192.0.2.1"}}
	rows := func() int { return h.reasons(t, "integrator.refused")["unknown_name"] }
	for range 25 {
		wantCode(t, second(h.Integrators.Admit(t.Context(), knock)), authcore.CodeUnauthenticated)
	}
	if got := rows(); got != 10 {
		t.Errorf("one address leaves %d rows in a minute, want 10", got)
	}
	for n := range 200 {
		knock.From.Address = fmt.Sprintf("2001:db8:%x::1", n)
		wantCode(t, second(h.Integrators.Admit(t.Context(), knock)), authcore.CodeUnauthenticated)
	}
	if got := rows(); got != 60 {
		t.Errorf("all together leave %d rows in a minute, want 60", got)
	}
	h.clock.Turn(time.Minute)
	wantCode(t, second(h.Integrators.Admit(t.Context(), knock)), authcore.CodeUnauthenticated)
	if got := rows(); got != 61 {
		t.Errorf("a minute later there are %d rows, want 61", got)
	}
}

func second[T any](_ T, err error) error { return err }

func retryAfter(err error) time.Duration {
	var e *authcore.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
