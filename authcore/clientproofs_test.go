package authcore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// late is a channel that hands over what it gets when nobody waits for the answer any more.
type late struct {
	authcore.Channel
	gone *context.CancelFunc
}

func (c late) Send(ctx context.Context, m authcore.Message) error {
	if m.Code != "" { // what he is told of another device comes when it comes
		(*c.gone)()
	}
	return c.Channel.Send(ctx, m)
}

// CLI-13: a message or a verifier may take longer than an answer has. What was done then is
// not answered with a failure: a secret would be lost, or asked for twice.
func TestAnswerAfterALongTime(t *testing.T) {
	var ctx context.Context
	var gone context.CancelFunc
	b := newBank(t, func(o *authcore.Options) {
		o.Channels[authcore.KindPhone] = late{o.Channels[authcore.KindPhone], &gone}
		o.Verifier = asking(func(context.Context, authcore.Liveness) (authcore.Verdict, error) {
			gone()
			return authcore.VerdictYes, nil
		})
	})
	carol := b.person(t, "carol", both)
	me, key, secret := b.fresh(carol), uuid.NewString(), ""
	for _, c := range []struct {
		name string
		want authcore.DeviceStatus
		ask  func() (authcore.ClientDevice, error)
	}{
		{"a token", authcore.StatusPending, func() (authcore.ClientDevice, error) { return b.Approvals.Ask(ctx, b.by, b.wants(key)) }},
		{"another", authcore.StatusPending, func() (authcore.ClientDevice, error) {
			return b.Approvals.Resend(ctx, b.by, b.ref(key), "", false)
		}},
		{"a picture", authcore.StatusActive, func() (authcore.ClientDevice, error) {
			return b.Approvals.Ask(ctx, b.by, b.pictured(uuid.NewString()))
		}},
		{"a browser", authcore.StatusPending, func() (d authcore.ClientDevice, err error) {
			d, secret, err = b.Approvals.AskOwn(ctx, me, authcore.OwnRequest{Name: "x", Way: authcore.WayPhone})
			return d, err
		}},
		{"a browser, again", authcore.StatusPending, func() (authcore.ClientDevice, error) {
			return b.Approvals.ResendOwn(ctx, me, secret, "", authcore.Origin{})
		}},
	} {
		ctx, gone = context.WithCancel(t.Context())
		if d, err := c.ask(); err != nil || d.Status != c.want || ctx.Err() == nil {
			t.Errorf("%s: %+v, %v", c.name, d, err)
		}
		gone()
	}
}

// CLI-14: a picture lets in one device once, whoever calls it by which spelling: who has
// learnt what it is called shows nothing of the one who decides.
func TestPictureLetsInOnce(t *testing.T) {
	b := newBank(t, func(o *authcore.Options) { o.Verifier = verdicts{authcore.VerdictYes} })
	ask := func(actor authcore.Actor, key, picture, document string) authcore.ClientDevice {
		t.Helper()
		r := b.pictured(key)
		r.Face, r.Document = picture, document
		d, err := b.Approvals.Ask(t.Context(), actor, r)
		must(t, err)
		return d
	}
	first := uuid.NewString()
	for _, c := range []struct {
		actor    authcore.Actor
		key      string
		picture  string
		document string
		want     string
	}{
		{b.by, first, "picture a", alices, "pending active"},
		{b.by, uuid.NewString(), "picture a", alices, "pending rejected:verifier"},
		{b.fresh(b.alice), uuid.NewString(), "PICTURE A", alices, "pending rejected:verifier"},
		{b.by, uuid.NewString(), "picture b", alices, "pending active"},
		{b.by, uuid.NewString(), "picture a", bobs, "pending active"}, // of another person
	} {
		if d := ask(c.actor, c.key, c.picture, c.document); states(d) != c.want {
			t.Errorf("%+v: %s", c, states(d))
		}
	}
	before := b.client(t, ask(b.by, first, "picture a", alices).ID)
	if d := b.show(t, first); d.Status != authcore.StatusActive || d.Approval.State != authcore.ApprovalRefused || string(before.SessionDigest) == string(d.Approval.SessionDigest) {
		t.Errorf("asked for again with the same picture: %+v", d)
	}
}

// CLI-15: who looks at a device of an account that is not active has nothing decided by that.
func TestClosedAccountLetsNothingIn(t *testing.T) {
	verdict, asked := authcore.VerdictLater, 0
	var meanwhile func()
	b := newBank(t, func(o *authcore.Options) {
		o.Verifier = asking(func(context.Context, authcore.Liveness) (authcore.Verdict, error) {
			asked++
			if meanwhile != nil {
				meanwhile()
			}
			return verdict, nil
		})
	})
	key := uuid.NewString()
	_, err := b.Approvals.Ask(t.Context(), b.by, b.pictured(key))
	must(t, err)
	_, err = b.Accounts.Block(t.Context(), authcore.Operator(), b.account.ID)
	must(t, err)
	verdict = authcore.VerdictYes
	b.clock.Turn(6 * time.Second)
	if d := b.show(t, key); d.Status != authcore.StatusPending || asked != 1 {
		t.Errorf("%s, and %d questions", d.Status, asked)
	}
	_, err = b.Accounts.Unblock(t.Context(), authcore.Operator(), b.account.ID)
	must(t, err)
	meanwhile = func() { must(t, failure(b.Accounts.Block(t.Context(), authcore.Operator(), b.account.ID))) }
	if d := b.show(t, key); d.Status != authcore.StatusPending || asked != 2 {
		t.Errorf("blocked meanwhile: %s, and %d questions", d.Status, asked)
	}
	meanwhile = nil
	_, err = b.Accounts.Unblock(t.Context(), authcore.Operator(), b.account.ID)
	must(t, err)
	b.clock.Turn(6 * time.Second)
	if d := b.show(t, key); d.Status != authcore.StatusActive || asked != 3 {
		t.Errorf("%s, and %d questions", d.Status, asked)
	}
}

// CLI-16: with a session and nothing else nobody fills the audit trail: tries at a token whose
// tries are used up, and requests for which nothing is sent, leave a row each.
func TestUserAsksSoOftenAMinute(t *testing.T) {
	b := newBank(t, nil)
	me, key := b.fresh(b.alice), uuid.NewString()
	b.asked(t, key)
	b.wrong(t, key, 5)
	often := func(name string, ask func() error) {
		t.Helper()
		for range 60 {
			err := ask()
			if authcore.ReasonOf(err) == authcore.ReasonRate {
				wantCode(t, err, authcore.CodeThrottled)
				return
			}
		}
		t.Errorf("%s: 60 in a minute", name)
	}
	often("a token", func() error { return failure(b.Approvals.Validate(t.Context(), me, b.ref(key), "000000")) })
	b.clock.Turn(time.Minute)
	often("a browser", func() error {
		_, _, err := b.Approvals.AskOwn(t.Context(), me, authcore.OwnRequest{Name: "x", Way: authcore.WayDevice})
		return err
	})
	b.clock.Turn(time.Minute)
	b.write(t, func(tx authcore.Tx) error { return tx.SetStrictDevices(b.alice.ID, true) })
	often("an app", func() error { return failure(b.Approvals.Ask(t.Context(), me, b.wants(key))) })
	refused(t, failure(b.validate(t, key, "000000")), authcore.CodeInvalid, authcore.ReasonWrongCode) // an integrator has his own
}
