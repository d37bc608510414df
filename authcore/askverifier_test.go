package authcore_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// verdicts is a verifier that gives one answer.
type verdicts struct{ v authcore.Verdict }

func (v verdicts) Verify(context.Context, authcore.Liveness) (authcore.Verdict, error) {
	return v.v, nil
}

// asking is a verifier that asks somebody else.
type asking func(context.Context, authcore.Liveness) (authcore.Verdict, error)

func (f asking) Verify(ctx context.Context, l authcore.Liveness) (authcore.Verdict, error) {
	return f(ctx, l)
}

// pictured is a device that alice is to be recognised for.
func (b *bank) pictured(key string) authcore.DeviceRequest {
	r := b.wants(key)
	r.Way, r.Face = authcore.WayLiveness, "picture 7"
	return r
}

// A verifier that says yes at once has approved the device, and one that says no has refused
// it.
func TestVerdicts(t *testing.T) {
	for verdict, want := range map[authcore.Verdict]string{
		authcore.VerdictYes: "pending active", authcore.VerdictNo: "pending rejected:verifier", authcore.VerdictLater: "pending", "": "pending", "YES": "pending",
	} {
		var asked authcore.Liveness
		var b *bank
		b = newBank(t, func(o *authcore.Options) {
			o.Verifier = asking(func(ctx context.Context, l authcore.Liveness) (authcore.Verdict, error) {
				asked = l
				if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > authcore.ChannelTime {
					t.Error("a question without an end")
				}
				b.write(t, func(authcore.Tx) error { return nil }) // no transaction waits for it
				return verdict, nil
			})
		})
		key := uuid.NewString()
		d, err := b.Approvals.Ask(t.Context(), b.by, b.pictured(key))
		must(t, err)
		wanted := authcore.Liveness{ID: d.Approval.ID, Picture: "picture 7", Face: "the face of alice", Document: alices, Account: b.account.ID, Device: key}
		if states(d) != want || asked != wanted || b.outbox.Sent() != 0 {
			t.Errorf("%q: %+v, asked about %+v", verdict, d, asked)
		}
		refused(t, failure(b.validate(t, key, "")), authcore.CodeInvalid, authcore.ReasonWrongCode)
	}
}

// An error and a panic read as later, and whoever looks at the device has the verifier asked
// again, every five seconds at most.
func TestVerifierIsAskedAgain(t *testing.T) {
	var calls atomic.Int64
	answers := []func() (authcore.Verdict, error){
		func() (authcore.Verdict, error) { return authcore.VerdictYes, errors.New("away") },
		func() (authcore.Verdict, error) { panic("away") },
		func() (authcore.Verdict, error) { return authcore.VerdictLater, nil },
		func() (authcore.Verdict, error) { return authcore.VerdictYes, nil },
	}
	b := newBank(t, func(o *authcore.Options) {
		o.Verifier = asking(func(context.Context, authcore.Liveness) (authcore.Verdict, error) { return answers[calls.Add(1)-1]() })
	})
	key := uuid.NewString()
	_, err := b.Approvals.Ask(t.Context(), b.by, b.pictured(key))
	must(t, err)
	for n := 1; n <= len(answers); n++ {
		for range 3 {
			if d := b.show(t, key); calls.Load() != int64(n) || (d.Status == authcore.StatusActive) != (n == len(answers)) {
				t.Errorf("asked %d times, want %d: %+v", calls.Load(), n, d)
			}
			b.clock.Turn(time.Second)
		}
		b.clock.Turn(2 * time.Second)
	}
	b.clock.Turn(time.Minute)
	if b.show(t, key); calls.Load() != int64(len(answers)) {
		t.Error("it is asked about what is decided")
	}
}

// What a verifier says of a request that is another one by now decides nothing.
func TestVerdictThatComesTooLate(t *testing.T) {
	for name, meanwhile := range map[string]func(b *bank, key string) error{
		"another request": func(b *bank, key string) error {
			return failure(b.Approvals.Ask(t.Context(), b.by, b.wants(key)))
		},
		"disabled": func(b *bank, key string) error { return failure(b.Approvals.Disable(t.Context(), b.by, b.ref(key))) },
	} {
		for _, verdict := range []authcore.Verdict{authcore.VerdictYes, authcore.VerdictNo} {
			var b *bank
			key := uuid.NewString()
			b = newBank(t, func(o *authcore.Options) {
				o.Verifier = asking(func(context.Context, authcore.Liveness) (authcore.Verdict, error) {
					must(t, meanwhile(b, key))
					return verdict, nil
				})
			})
			d, err := b.Approvals.Ask(t.Context(), b.by, b.pictured(key))
			must(t, err)
			if d.Status == authcore.StatusActive || d.Status == authcore.StatusRejected {
				t.Errorf("%s, and the verifier's %s counts: %+v", name, verdict, d)
			}
		}
	}
}

// Where nothing looks at pictures a device that is asked for by one is not there, and how many
// may be looked at is bounded as tokens are.
func TestPicturesAreBounded(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, b.pictured(key))), authcore.CodeUnavailable, authcore.ReasonUndelivered)
	refused(t, failure(b.Approvals.Show(t.Context(), b.by, b.ref(key))), authcore.CodeNotFound, authcore.ReasonNoDevice)
	n := 0
	b = newBank(t, func(o *authcore.Options) {
		o.Verifier = asking(func(context.Context, authcore.Liveness) (authcore.Verdict, error) {
			n++
			return authcore.VerdictNo, nil
		})
	})
	for range 10 {
		if _, err := b.Approvals.Ask(t.Context(), b.by, b.pictured(key)); err != nil {
			t.Error(err)
		}
	}
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, b.pictured(key))), authcore.CodeThrottled, authcore.ReasonPaused)
	if n != 10 {
		t.Errorf("%d pictures were looked at", n)
	}
}
