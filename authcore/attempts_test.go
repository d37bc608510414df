package authcore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// Law 3, LCK-02: a try that can't be counted is not looked at, so a right code
// is unused afterwards.
func TestUncountedTryIsNotLookedAt(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	code := m.code(t)
	calls := 0
	for n := 1; ; n++ { // the n-th call to the driver fails
		h.faults.FailNext(n, nil)
		_, err := h.Logins.Second(t.Context(), m.verified, code)
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err) // fewer calls than n: the code is right, and still unused
			break
		}
		calls++
		t.Run(fmt.Sprintf("call %d fails", n), func(t *testing.T) {
			wantCode(t, err, authcore.CodeUnavailable)
			if reasons := h.reasons(t, "login.code"); len(reasons) != 0 {
				t.Errorf("decided although the store failed: %v", reasons)
			}
		})
	}
	if calls < 8 {
		t.Errorf("only %d calls of a login failed", calls)
	}
}

// LCK-02, REL-01: a wrong code whose count fails is neither compared nor free.
func TestWrongCodeIsCountedBeforeItIsComparedWith(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	// The audit row, which comes after the comparison, can't be written.
	h.faults.Before = nil
	h.faults.FailNext(6, nil) // begin, devices, count, commit, begin, audit
	_, err := h.Logins.Second(t.Context(), m.verified, m.wrong(t))
	wantCode(t, err, authcore.CodeUnavailable)
	if h.faults.Pending() {
		t.Fatal("nothing failed")
	}
	if a := h.attempts(t, m.device.Device.ID); a.Failures != 1 || a.Total != 1 {
		t.Errorf("counted %+v, want 1: the count was not committed before the code was compared", a)
	}
}

// LCK-01, LCK-03, LCK-06: ten in a row pause, on every core over the store; the
// pause passes; a hundred in all need re-binding, whatever succeeded between.
func TestDeviceIsPausedAndCapped(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	id := m.device.Device.ID
	wrong := func(n int) {
		t.Helper()
		for range n {
			_, err := h.Logins.Second(t.Context(), m.verified, m.wrong(t))
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
	}
	right := func(h *house) error {
		_, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, m.device.Secret, m.next))
		if err == nil {
			m.next++
		}
		return err
	}

	wrong(9)
	must(t, right(h)) // the ninth does not pause
	if a := h.attempts(t, id); a.Failures != 0 || a.Total != 9 {
		t.Errorf("after a success %+v: want 0 in a row, 9 in all", a)
	}
	wrong(10)
	wantCode(t, right(h), authcore.CodeThrottled)
	t.Run("the pause outlives a restart", func(t *testing.T) {
		wantCode(t, right(h.again(t, nil)), authcore.CodeThrottled)
	})
	t.Run("nothing counts in a pause", func(t *testing.T) {
		for range 3 {
			_, err := h.Logins.Second(t.Context(), m.verified, m.wrong(t))
			wantCode(t, err, authcore.CodeThrottled)
			var e *authcore.Error
			if !errors.As(err, &e) || e.RetryAfter != 20*time.Minute {
				t.Errorf("%+v: it does not say when to try again", e)
			}
		}
		if a := h.attempts(t, id); a.Total != 19 {
			t.Errorf("%d in all, want 19", a.Total)
		}
		if n := h.reasons(t, "login.code")["paused"]; n != 5 {
			t.Errorf("%d tries refused unseen, want 5", n)
		}
	})
	t.Run("the pause stands to its end", func(t *testing.T) {
		h.clock.Turn(20*time.Minute - time.Second)
		wantCode(t, right(h), authcore.CodeThrottled)
		h.clock.Turn(time.Second)
		must(t, right(h))
	})
	t.Run("a clock set back lifts nothing", func(t *testing.T) {
		wrong(10)
		h.clock.Turn(-time.Hour)
		wantCode(t, right(h), authcore.CodeThrottled)
		h.clock.Turn(time.Hour + 20*time.Minute)
		must(t, right(h))
	})
	t.Run("a hundred in all", func(t *testing.T) {
		for total := 29; total < 100; total++ {
			wrong(1)
			if total%9 == 0 {
				h.clock.Turn(21 * time.Minute)
			}
		}
		h.clock.Turn(24 * time.Hour)
		wantCode(t, right(h), authcore.CodeUnauthenticated)
		must(t, h.block(t, id))
		wantCode(t, right(h), authcore.CodeUnauthenticated) // blocking and unblocking re-binds nothing
		if a := h.attempts(t, id); a.Total != 100 {
			t.Errorf("%d in all, want 100", a.Total)
		}
	})
	t.Run("a new device is a new secret", func(t *testing.T) {
		d := h.device(t, "alice", authcore.KindHOTP)
		_, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, d.Secret, 0))
		must(t, err)
	})
}

// block blocks and unblocks.
func (h *house) block(t testing.TB, id string) error {
	if _, err := h.Devices.Block(t.Context(), authcore.Operator(), id); err != nil {
		return err
	}
	_, err := h.Devices.Unblock(t.Context(), authcore.Operator(), id)
	return err
}

// LCK-05: a success of one device clears nothing of another's count.
func TestSuccessOfAnotherDeviceClearsNothing(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	second := h.device(t, "alice", authcore.KindHOTP)
	for range 9 {
		_, err := h.Logins.Second(t.Context(), m.verified, m.wrong(t))
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	for n := range int64(3) {
		_, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, second.Secret, n))
		must(t, err)
	}
	if a := h.attempts(t, m.device.Device.ID); a.Failures != 9 || a.Total != 9 {
		t.Errorf("the other device's count is %+v, want 9 and 9", a)
	}
	if a := h.attempts(t, second.Device.ID); a.Failures != 0 || a.Total != 9 {
		t.Errorf("the used device's count is %+v, want 0 in a row, 9 in all", a)
	}
	_, err := h.Logins.Second(t.Context(), m.verified, m.wrong(t))
	wantCode(t, err, authcore.CodeUnauthenticated)
	if a := h.attempts(t, m.device.Device.ID); a.PausedUntil.IsZero() {
		t.Error("the tenth wrong code did not pause the device")
	}
}
