package authcore_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// DEV-03, law 3: a device that does not count has no tries counted, so it can
// be locked by nobody while it is blocked.
func TestDevicesThatDoNotCountAreNotTried(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	other := h.device(t, "alice", authcore.KindHOTP)
	_, err := h.Devices.Block(t.Context(), authcore.Operator(), other.Device.ID)
	must(t, err)
	_, err = h.Logins.Second(t.Context(), m.verified, m.wrong(t))
	wantCode(t, err, authcore.CodeUnauthenticated)
	if a := h.attempts(t, other.Device.ID); a.Total != 0 {
		t.Errorf("%d tries counted against a blocked device", a.Total)
	}
	if a := h.attempts(t, m.device.Device.ID); a.Total != 1 {
		t.Errorf("%d tries counted against the active device, want 1", a.Total)
	}
}

// Law 4: without the primary secret no code is looked at, and no try is counted:
// the store is not even asked.
func TestWithoutThePasswordNoCodeIsLookedAt(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.faults.Reset()
	for _, v := range []*authcore.Verified{nil, {}} {
		_, err := h.Logins.Second(t.Context(), v, authtest.HOTP(t, m.device.Secret, 0))
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	if h.faults.Begins() != 0 {
		t.Errorf("%d transactions", h.faults.Begins())
	}
	if a := h.attempts(t, m.device.Device.ID); a.Total != 0 {
		t.Errorf("%d tries counted against a device", a.Total)
	}
}

// TOK-14: a disabled user is refused with the password, though it is right.
func TestDisabledUserStopsAtThePassword(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
	must(t, err)
	v, err := h.Logins.Primary(t.Context(), attempt("alice"))
	wantCode(t, err, authcore.CodeUnauthenticated)
	if v != nil {
		t.Error("verified")
	}
}

// OTP-05: the same as with a thousand, with twenty, and TOTP, for the mutations.
func TestParallelLoginsFewer(t *testing.T) {
	const n = 20
	all := &sync.WaitGroup{}
	all.Add(n)
	h := newCore(t, func(o *authcore.Options) {
		o.Store = meeting{o.Store, all}
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device = authcore.AttemptLimit{InARow: 10 * n, Window: time.Hour, Pause: time.Hour}
	})
	h.user(t, "alice")
	d, v := h.device(t, "alice", authcore.KindTOTP), h.verified(t, "alice")
	code := authtest.TOTP(t, d.Secret, h.clock.Now())
	if won := parallel(n, func(int) error {
		_, err := h.Logins.Second(context.WithValue(t.Context(), writes{}, new(int)), v, code)
		return err
	}); won != 1 {
		t.Errorf("%d logins, want exactly 1", won)
	}
}
