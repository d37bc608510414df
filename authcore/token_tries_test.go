package authcore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// Five wrong tokens are looked at, whatever is sent or asked for between them; the fifth
// refuses the request, and from then on nothing is looked at.
func TestFifthWrongTokenRefuses(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, _ := b.asked(t, key)
	b.wrong(t, key, 2)
	_, err := b.resend(t, key)
	must(t, err)
	b.wrong(t, key, 1)
	r := b.wants(key) // pending: a new request, the same device and count
	again, err := b.Approvals.Ask(t.Context(), b.by, r)
	must(t, err)
	if again.ID != d.ID || again.Approval.Tries != 3 || again.Session != r.Session {
		t.Errorf("asked again: %+v", again)
	}
	b.wrong(t, key, 1)
	if got := b.show(t, key); got.Status != authcore.StatusPending || got.Approval.Tries != 4 {
		t.Errorf("after four: %+v", got)
	}
	b.wrong(t, key, 1)
	got := b.show(t, key)
	if got.Status != authcore.StatusRejected || states(got) != "pending rejected:tries" || got.Approval.State != authcore.ApprovalRefused || got.Epoch == 0 {
		t.Errorf("after five: %+v", got)
	}
	_, err = b.validate(t, key, b.outbox.Last(t).Code) // the right one
	refused(t, err, authcore.CodeConflict, authcore.ReasonTries)
	_, err = b.resend(t, key)
	refused(t, err, authcore.CodeConflict, authcore.ReasonTries)
	if n := b.request(t, d.ID).Tries; n != 5 {
		t.Errorf("%d tries are counted", n)
	}
	tries, refusals := b.reasons(t, "client.try"), b.events(t, "client.refuse")
	if tries["wrong_code"] != 5 || tries["tries"] != 1 || len(refusals) != 1 || refusals[0].Reason != authcore.RefusedTries {
		t.Errorf("the audit says %v, %+v", tries, refusals)
	}
	// Another request for the key is for another device.
	next, token := b.asked(t, key)
	if next.ID == d.ID || next.Approval.Tries != 0 {
		t.Errorf("%+v takes the place of %s", next, d.ID)
	}
	if got, err := b.validate(t, key, token); err != nil || got.ID != next.ID || got.Status != authcore.StatusActive {
		t.Errorf("%+v, %v", got, err)
	}
	if list, err := b.Approvals.List(t.Context(), b.by, b.account.ID, authcore.Origin{Address: "192.0.2.7"}); err != nil || len(list) != 1 || list[0].ID != next.ID {
		t.Errorf("%+v, %v", list, err)
	}
}

// A token that was sent again makes the one before void.
func TestResendVoidsTheOldToken(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, old := b.asked(t, key)
	before := b.request(t, d.ID)
	b.clock.Turn(4 * time.Minute)
	again, err := b.resend(t, key)
	must(t, err)
	after := b.request(t, d.ID)
	if after.ID == before.ID || !after.TokenExpiresAt.Equal(b.clock.Now().Add(5*time.Minute)) || !after.ExpiresAt.Equal(before.ExpiresAt) || again.Session != d.Session {
		t.Errorf("%+v, before %+v", after, before)
	}
	_, err = b.validate(t, key, old)
	refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	got, err := b.validate(t, key, b.outbox.Last(t).Code)
	must(t, err)
	if got.Session != d.Session || got.Approval.Tries != 1 {
		t.Errorf("%+v", got)
	}
}

// An expired token is a wrong one, and counted.
func TestExpiredToken(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, token := b.asked(t, key)
	b.clock.Turn(authcore.TokenLife)
	_, err := b.validate(t, key, token)
	refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	if a := b.request(t, d.ID); a.Tries != 1 || a.State != authcore.ApprovalPending {
		t.Errorf("%+v", a)
	}
}

// After a day nothing waits, and another request begins anew.
func TestRequestEnds(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, _ := b.asked(t, key)
	b.wrong(t, key, 4)
	b.clock.Turn(24*time.Hour - time.Second)
	_, err := b.resend(t, key)
	must(t, err)
	token := b.outbox.Last(t).Code
	b.clock.Turn(time.Second)
	_, err = b.validate(t, key, token)
	refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	_, err = b.resend(t, key)
	refused(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
	again, token := b.asked(t, key)
	if again.ID != d.ID || again.Approval.Tries != 0 {
		t.Errorf("%+v", again)
	}
	_, err = b.validate(t, key, token)
	must(t, err)
}

// The token that has approved gives the same answer while it lives; another is wrong, and
// counted, and opens and shuts nothing.
func TestApprovedAgain(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, token := b.approved(t, key)
	for range 7 {
		got, err := b.validate(t, key, token)
		must(t, err)
		if got.ID != d.ID || got.Status != authcore.StatusActive || states(got) != "pending active" || got.Approval.Tries != 0 {
			t.Errorf("%+v", got)
		}
	}
	b.wrong(t, key, 5)
	_, err := b.validate(t, key, "000000")
	refused(t, err, authcore.CodeConflict, authcore.ReasonTries)
	if got := b.show(t, key); got.Status != authcore.StatusActive || got.Approval.State != authcore.ApprovalApproved {
		t.Errorf("%+v", got)
	}
	other := uuid.NewString()
	_, token = b.approved(t, other)
	b.clock.Turn(authcore.TokenLife)
	_, err = b.validate(t, other, token)
	refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	_, err = b.resend(t, other)
	refused(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
}

// A new request for a device that counts changes nothing until it is approved, and nothing
// when it is refused.
func TestActiveDeviceStaysUntilApproved(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, _ := b.approved(t, key)
	marks := b.client(t, d.ID)
	r := b.wants(key)
	r.PublicKey = publicKey(t)
	again, err := b.Approvals.Ask(t.Context(), b.by, r)
	must(t, err)
	if again.ID != d.ID || again.Status != authcore.StatusActive || again.Session != r.Session || again.Approval.State != authcore.ApprovalPending {
		t.Errorf("asked again: %+v", again)
	}
	if got := b.client(t, d.ID); string(got.Session) != string(marks.Session) || string(got.SessionDigest) != string(marks.SessionDigest) || len(got.PublicKey) != 0 {
		t.Error("the marks change before the request is approved")
	}
	got, err := b.validate(t, key, b.outbox.Last(t).Code)
	must(t, err)
	if got.ID != d.ID || got.Session != r.Session || string(got.SessionDigest) == string(marks.SessionDigest) || string(got.Marks.PublicKey) != string(r.PublicKey) || got.Epoch != d.Epoch {
		t.Errorf("approved: %+v", got)
	}
	marks = b.client(t, d.ID)
	b.asked(t, key)
	b.wrong(t, key, 5)
	got = b.show(t, key)
	if got.Status != authcore.StatusActive || got.Epoch != d.Epoch || got.Session != r.Session || states(got) != "pending active active" || got.Approval.State != authcore.ApprovalRefused {
		t.Errorf("refused: %+v", got)
	}
	if after := b.client(t, d.ID); string(after.Session) != string(marks.Session) || string(after.SessionDigest) != string(marks.SessionDigest) {
		t.Error("a request that was refused changes marks")
	}
	_, err = b.validate(t, key, b.outbox.Last(t).Code)
	refused(t, err, authcore.CodeConflict, authcore.ReasonTries)
	if again, token := b.asked(t, key); again.ID != d.ID {
		t.Errorf("%+v", again)
	} else if _, err := b.validate(t, key, token); err != nil {
		t.Error(err)
	}
}

// broken is a Store of which the n-th Write of a call fails, or is not there when it is
// committed.
type broken struct {
	authcore.Store
	n int
}

func (s broken) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	if n, ok := ctx.Value(writes{}).(*int); ok {
		if *n++; *n == s.n {
			return authcore.Unavailable(errors.New("away"))
		}
	}
	return s.Store.Write(ctx, fn)
}

// Law 3: a token whose try can't be counted is not looked at, and who breaks off after the
// count has used the try up.
func TestTriesAreCountedFirst(t *testing.T) {
	for n, want := range []struct {
		token string
		tries int
	}{{"right", 0}, {"right", 1}, {"000000", 1}} {
		broke := &broken{n: min(n+1, 2)}
		b := newBank(t, func(o *authcore.Options) { broke.Store, o.Store = o.Store, broke })
		key := uuid.NewString()
		d, token := b.asked(t, key)
		if want.token != "right" {
			token = want.token
		}
		_, err := b.Approvals.Validate(meets(t), b.by, b.ref(key), token)
		wantCode(t, err, authcore.CodeUnavailable)
		if a := b.request(t, d.ID); a.Tries != want.tries || a.State != authcore.ApprovalPending {
			t.Errorf("%d: %+v, want %d tries", n, a, want.tries)
		}
	}
}

// Law 3, LCK-07: of parallel wrong tokens, at two nodes, five are looked at, whatever is
// asked for and sent meanwhile.
func TestParallelWrongTokensStopAtFive(t *testing.T) {
	b := newBank(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Send.InARow = 1000
	})
	key := uuid.NewString()
	d, _ := b.asked(t, key)
	nodes := []*house{b.house, b.again(t, nil)}
	parallel(100, func(i int) (err error) {
		if i%10 == 0 {
			_, err = nodes[i/10%2].Approvals.Resend(t.Context(), b.by, b.ref(key), "", false)
		} else {
			_, err = nodes[i%2].Approvals.Validate(t.Context(), b.by, b.ref(key), "000000")
		}
		return err
	})
	got, a := b.reasons(t, "client.try"), b.request(t, d.ID)
	if got["wrong_code"] != 5 || got["tries"] != 85 || a.Tries != 5 || a.State != authcore.ApprovalRefused {
		t.Errorf("looked at and refused: %v, %+v", got, a)
	}
	if got := b.show(t, key); states(got) != "pending rejected:tries" {
		t.Errorf("%+v", got)
	}
}

// Law 2: of parallel right tokens each gives the same answer, and one approves.
func TestOneOfManyRightTokensApproves(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	_, token := b.asked(t, key)
	nodes := []*house{b.house, b.again(t, nil)}
	parallel(5, func(i int) error {
		_, err := nodes[i%2].Approvals.Validate(t.Context(), b.by, b.ref(key), token)
		return err
	})
	got := b.show(t, key)
	if n := len(b.events(t, "client.approve")); n != 1 || states(got) != "pending active" || got.Approval.Tries != 0 {
		t.Errorf("%d approvals, %+v", n, got)
	}
}
