package authcore_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// patient is a house whose devices take so many wrong codes in a row, and where n
// calls meet after each has matched.
func patient(t *testing.T, n int) *validation {
	t.Helper()
	all := &sync.WaitGroup{}
	all.Add(n)
	return newValidation(t, func(o *authcore.Options) {
		o.Store = meeting{o.Store, all}
		o.Limits = authcore.DefaultLimits()
		o.Limits.Device = authcore.AttemptLimit{InARow: 10 * n, Window: time.Hour, Pause: time.Hour}
	})
}

// meets makes a call one of those that meet.
func meets(t *testing.T) context.Context {
	return context.WithValue(t.Context(), writes{}, new(int))
}

// OTP-05, law 2: of many parallel questions about one right code, at two nodes, one is
// answered with yes, and all others with its replay.
func TestOneOfManyParallelValidationsWins(t *testing.T) {
	const n = 200
	v := patient(t, n)
	v.user(t, "alice")
	r := v.device(t, "alice", authcore.KindHOTP)
	nodes := []*house{v.house, v.again(t, nil)}
	code := authtest.HOTP(t, r.Secret, 3)
	won := parallel(n, func(i int) error {
		_, err := nodes[i%2].Devices.Validate(meets(t), v.by, authcore.Checked{User: "alice", Code: code})
		if err != nil {
			refused(t, err, authcore.CodeUnauthenticated, authcore.ReasonReplayed)
		}
		return err
	})
	got := v.reasons(t, "device.validate")
	if won != 1 || got[""] != 1 || got["replayed"] != n-1 {
		t.Errorf("%d won, and the audit says %v", won, got)
	}
	d, a, err := v.Devices.Get(t.Context(), authcore.Operator(), r.Device.ID)
	must(t, err)
	if d.LastCounter != 3 || a.Total != n-1 {
		t.Errorf("counter %d, %+v: want 3, and every replay counted", d.LastCounter, a)
	}
}

// LCK-07, law 3: of any number of parallel wrong codes as many are looked at as the
// limit allows, at two nodes.
func TestParallelWrongValidationsStopAtTheLimit(t *testing.T) {
	v := newValidation(t, nil)
	m := v.member(t, "alice")
	nodes := []*house{v.house, v.again(t, nil)}
	wrong := m.wrong(t)
	if won := parallel(200, func(i int) error {
		_, err := nodes[i%2].Devices.Validate(t.Context(), v.by, authcore.Checked{User: "alice", Code: wrong})
		return err
	}); won != 0 {
		t.Errorf("%d wrong codes are right", won)
	}
	got, a := v.reasons(t, "device.validate"), v.attempts(t, m.device.Device.ID)
	if got["wrong_code"] != 10 || got["paused"] != 190 || a.Total != 10 || a.Failures != 10 {
		t.Errorf("looked at and refused: %v, counted: %+v; want 10 looked at, 190 not, 10 counted", got, a)
	}
}

// Law 2: of a login and a question with the same code one wins.
func TestLoginAndValidationOfOneCode(t *testing.T) {
	v := patient(t, 2)
	m := v.member(t, "alice")
	code := m.code(t)
	if won := parallel(2, func(i int) (err error) {
		if i == 0 {
			_, err = v.Logins.Second(meets(t), m.verified, code)
		} else {
			_, err = v.Devices.Validate(meets(t), v.by, authcore.Checked{User: "alice", Code: code})
		}
		return err
	}); won != 1 {
		t.Errorf("%d won, want 1", won)
	}
	if a := v.attempts(t, m.device.Device.ID); a.Total != 1 {
		t.Errorf("counted %+v, want the one that lost", a)
	}
}

// between is a Store that does something before the second Write of a call: after the
// code has matched, and before it is used up.
type between struct {
	authcore.Store
	do func()
}

func (b between) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	if n, ok := ctx.Value(writes{}).(*int); ok {
		if *n++; *n == 2 {
			b.do()
		}
	}
	return b.Store.Write(ctx, fn)
}

// Law 2: what is revoked while a code is looked at is revoked, and the code not used.
func TestRevokedWhileValidating(t *testing.T) {
	for _, c := range []struct {
		name   string
		do     func(*validation, authcore.Device) error
		code   authcore.Code
		reason authcore.Reason
	}{
		{"the user is disabled", func(v *validation, d authcore.Device) error {
			_, err := v.Users.SetDisabled(t.Context(), authcore.Operator(), d.UserID, true)
			return err
		}, authcore.CodeForbidden, authcore.ReasonUserDisabled},
		{"the device is blocked", func(v *validation, d authcore.Device) error {
			_, err := v.Devices.Block(t.Context(), authcore.Operator(), d.ID)
			return err
		}, authcore.CodeForbidden, authcore.ReasonInactive},
		{"the device is in stock again", func(v *validation, d authcore.Device) error {
			return v.store.Write(t.Context(), func(tx authcore.Tx) error { _, err := tx.AssignDevice(d.ID, d.UserID, ""); return err })
		}, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"the device is gone", func(v *validation, d authcore.Device) error {
			return v.store.Write(t.Context(), func(tx authcore.Tx) error { return tx.RemoveDevice(d.ID) })
		}, authcore.CodeNotFound, authcore.ReasonNoDevice},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v *validation
			var r authcore.Registered
			v = newValidation(t, func(o *authcore.Options) {
				o.Store = between{o.Store, func() { must(t, c.do(v, r.Device)) }}
			})
			v.user(t, "alice")
			r = v.device(t, "alice", authcore.KindHOTP)
			_, err := v.Devices.Validate(meets(t), v.by, authcore.Checked{User: "alice", Code: authtest.HOTP(t, r.Secret, 0)})
			refused(t, err, c.code, c.reason)
			if got := v.reasons(t, "device.validate"); got[string(c.reason)] != 1 || got[""] != 0 {
				t.Errorf("the audit says %v", got)
			}
			if d, _, err := v.Devices.Get(t.Context(), authcore.Operator(), r.Device.ID); err == nil && d.LastCounter != -1 {
				t.Errorf("the code was used up: counter %d", d.LastCounter)
			}
		})
	}
}
