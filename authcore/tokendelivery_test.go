package authcore_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// A token that was not sent leaves no new device, and is not counted unless it may have been
// sent all the same. No transaction waits for the channel.
func TestUndeliveredTokenLeavesNothing(t *testing.T) {
	for name, fail := range map[string]struct {
		err     error
		counted int
	}{
		"not sent": {authcore.Unavailable(errors.New("away")), 0}, "maybe sent": {errors.New("away"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			var logged bytes.Buffer
			b := newBank(t, func(o *authcore.Options) { o.Log = slog.New(slog.NewJSONHandler(&logged, nil)) })
			key, before := uuid.NewString(), uuid.NewString()
			old, _ := b.approved(t, before)
			must(t, failure(b.Approvals.Disable(t.Context(), b.by, b.ref(before)))) // the key has had a device
			codes := []string{}
			b.outbox.Fail = func(ctx context.Context, m authcore.Message) error {
				if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > authcore.ChannelTime {
					t.Error("a delivery without an end")
				}
				b.write(t, func(authcore.Tx) error { return nil })
				codes = append(codes, m.Code)
				return fail.err
			}
			counted := b.sendings(t)
			for _, key := range []string{key, before} {
				_, err := b.Approvals.Ask(t.Context(), b.by, b.wants(key))
				refused(t, err, authcore.CodeUnavailable, authcore.ReasonUndelivered)
			}
			refused(t, failure(b.Approvals.Show(t.Context(), b.by, b.ref(key))), authcore.CodeNotFound, authcore.ReasonNoDevice)
			if got := b.show(t, before); got.ID != old.ID || got.Status != authcore.StatusDeactivated {
				t.Errorf("%+v", got)
			}
			if list, err := b.Approvals.List(t.Context(), b.by, b.account.ID, authcore.Origin{}); err != nil || len(list) != 1 {
				t.Errorf("%+v, %v", list, err)
			}
			if got := b.sendings(t) - counted; got != 2*fail.counted {
				t.Errorf("%d sendings are counted, want %d", got, 2*fail.counted)
			}
			if got := b.reasons(t, "client.token"); got["undelivered"] != 2 {
				t.Errorf("the audit says %v", got)
			}
			for _, code := range append(codes, alicesPhone) {
				if strings.Contains(logged.String(), code) {
					t.Errorf("the log has %s", code)
				}
			}
			b.outbox.Fail = nil
			if d, token := b.asked(t, key); d.Status != authcore.StatusPending || len(token) != 6 {
				t.Errorf("%+v", d)
			}
		})
	}
}

// sendings is how many messages to alice are counted.
func (b *bank) sendings(t testing.TB) (n int) {
	t.Helper()
	b.read(t, func(tx authcore.Tx) error {
		a, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptSendUser, Subject: b.alice.ID})
		n = a.Failures
		return err
	})
	return n
}

// A token that was to be sent in place of another one, and was not, is void, as that one is;
// the tries stay counted, and what counts goes on to.
func TestUndeliveredTokenIsVoid(t *testing.T) {
	b := newBank(t, nil)
	pending, active := uuid.NewString(), uuid.NewString()
	_, first := b.asked(t, pending)
	b.approved(t, active)
	b.wrong(t, pending, 2)
	var codes []string
	b.outbox.Fail = func(_ context.Context, m authcore.Message) error {
		codes = append(codes, m.Code)
		return authcore.Unavailable(errors.New("away"))
	}
	refused(t, failure(b.resend(t, pending)), authcore.CodeUnavailable, authcore.ReasonUndelivered)
	refused(t, failure(b.validate(t, pending, first)), authcore.CodeInvalid, authcore.ReasonWrongCode)
	refused(t, failure(b.validate(t, pending, codes[0])), authcore.CodeInvalid, authcore.ReasonWrongCode)
	if got := b.show(t, pending); got.Status != authcore.StatusPending || got.Approval.Tries != 4 {
		t.Errorf("%+v", got)
	}
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, b.wants(pending))), authcore.CodeUnavailable, authcore.ReasonUndelivered)
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, b.wants(active))), authcore.CodeUnavailable, authcore.ReasonUndelivered)
	refused(t, failure(b.validate(t, active, codes[2])), authcore.CodeInvalid, authcore.ReasonWrongCode)
	if got := b.show(t, active); got.Status != authcore.StatusActive || states(got) != "pending active" {
		t.Errorf("%+v", got)
	}
	b.outbox.Fail = nil
	_, err := b.resend(t, pending)
	must(t, err)
	if got, err := b.validate(t, pending, b.outbox.Last(t).Code); err != nil || got.Approval.Tries != 4 {
		t.Errorf("%+v, %v", got, err)
	}
}

// What fails to be sent takes nothing back that somebody else has asked for meanwhile.
func TestUndeliveredTokenAndAnotherRequest(t *testing.T) {
	b := newBank(t, nil)
	for _, again := range []func(key string) error{
		func(key string) error { return failure(b.Approvals.Ask(t.Context(), b.by, b.wants(key))) },
		func(key string) error { return failure(b.resend(t, key)) },
	} {
		key := uuid.NewString()
		b.outbox.Fail = func(context.Context, authcore.Message) error {
			b.outbox.Fail = nil
			must(t, again(key))
			return authcore.Unavailable(errors.New("away"))
		}
		refused(t, failure(b.Approvals.Ask(t.Context(), b.by, b.wants(key))), authcore.CodeUnavailable, authcore.ReasonUndelivered)
		if d, err := b.validate(t, key, b.outbox.Last(t).Code); err != nil || d.Status != authcore.StatusActive {
			t.Errorf("%+v, %v", d, err)
		}
	}
}

// Who has asked has gone: the token is on its way all the same.
func TestTokenIsSentToTheEnd(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	ctx, leave := context.WithCancel(t.Context())
	b.outbox.Fail = func(ctx context.Context, _ authcore.Message) error { leave(); return ctx.Err() }
	_, _ = b.Approvals.Ask(ctx, b.by, b.wants(key)) // whoever would be answered has gone
	if d, err := b.validate(t, key, b.outbox.Last(t).Code); err != nil || d.Status != authcore.StatusActive {
		t.Errorf("%+v, %v", d, err)
	}
}

// Too many tokens, whatever they are for and however they are asked for, pause the sending.
func TestTokensAreThrottled(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	b.asked(t, key)
	for range 4 {
		_, err := b.resend(t, key)
		must(t, err)
	}
	for range 5 {
		b.asked(t, uuid.NewString())
	}
	last := uuid.NewString()
	for _, err := range []error{failure(b.Approvals.Ask(t.Context(), b.by, b.wants(last))), failure(b.resend(t, key))} {
		refused(t, err, authcore.CodeThrottled, authcore.ReasonPaused)
		var e *authcore.Error
		if errors.As(err, &e); e.RetryAfter <= 0 {
			t.Errorf("no advice when to try again: %+v", e)
		}
	}
	refused(t, failure(b.Approvals.Show(t.Context(), b.by, b.ref(last))), authcore.CodeNotFound, authcore.ReasonNoDevice)
	if got := b.reasons(t, "client.token"); b.outbox.Sent() != 10 || got["send_user"] != 2 || got[""] != 10 {
		t.Errorf("%d messages, the audit says %v", b.outbox.Sent(), got)
	}
	b.clock.Turn(time.Hour + time.Second)
	if _, err := b.Approvals.Ask(t.Context(), b.by, b.wants(last)); err != nil {
		t.Error(err)
	}
}

// CRY-02: token and session are sealed for their row: what is moved to another opens nothing.
func TestTokenIsBoundToItsRow(t *testing.T) {
	b := newBank(t, nil)
	mine, other := uuid.NewString(), uuid.NewString()
	d, token := b.asked(t, mine)
	victim, _ := b.asked(t, other)
	stolen, into := b.request(t, d.ID), b.request(t, victim.ID)
	into.Token, into.Session = stolen.Token, stolen.Session
	b.write(t, func(tx authcore.Tx) error { return tx.PutApproval(into) })
	refused(t, failure(b.validate(t, other, token)), authcore.CodeInvalid, authcore.ReasonWrongCode)
	if got := b.show(t, other); got.Status != authcore.StatusPending || got.Session != "" {
		t.Errorf("%+v", got)
	}
	got, _ := b.approved(t, uuid.NewString())
	marks := b.client(t, got.ID)
	b.write(t, func(tx authcore.Tx) error {
		if err := tx.CreateDevice(authcore.Device{ID: other, Tenant: authcore.DefaultTenant, UserID: b.alice.ID, Serial: "s", Kind: authcore.KindClient, Status: authcore.StatusActive}); err != nil {
			return err
		}
		marks.DeviceID, marks.Secret = other, nil
		if err := tx.CreateClient(marks); err != nil {
			return err
		}
		_, err := tx.PointRef(authcore.Ref{Dialect: "accounts", Tenant: authcore.DefaultTenant, Kind: "device", Key: b.account.ID + "|" + other}, victim.ID, other)
		return err
	})
	if got := b.show(t, other); got.ID != other || got.Session != "" {
		t.Errorf("%+v", got)
	}
}

// CRY-02, LOG-01: neither the files of the database, nor the log, nor the audit trail has a
// token, or what an app calls its session.
func TestTokensAreSealedAtRest(t *testing.T) {
	var log bytes.Buffer
	b := newBank(t, func(o *authcore.Options) {
		o.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	waiting, active := b.wants(uuid.NewString()), b.wants(uuid.NewString())
	secrets := map[string]string{"session of one that waits": waiting.Session, "session of one that counts": active.Session}
	for _, r := range []authcore.DeviceRequest{waiting, active} {
		_, err := b.Approvals.Ask(t.Context(), b.by, r)
		must(t, err)
		b.wrong(t, r.Key, 1)
		_, err = b.resend(t, r.Key)
		must(t, err)
		secrets["token of "+r.Key] = b.outbox.Last(t).Code
	}
	_, err := b.validate(t, active.Key, b.outbox.Last(t).Code)
	must(t, err)
	audit := fmt.Sprint(b.events(t, "client.ask"), b.events(t, "client.token"), b.events(t, "client.try"), b.events(t, "client.approve"))
	must(t, b.store.Close()) // the checkpoint too
	files, err := os.ReadFile(filepath.Clean(b.file))
	must(t, err)
	if !bytes.Contains(files, []byte(active.Key)) || !strings.Contains(audit, "wrong_code") || !strings.Contains(log.String(), "client.approve") {
		t.Fatal("they don't hold what they must: this test looks in the wrong place")
	}
	for name, secret := range secrets {
		for _, text := range []string{secret, strings.ToUpper(secret), hex.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret))} {
			if bytes.Contains(files, []byte(text)) || strings.Contains(log.String(), text) || strings.Contains(audit, text) {
				t.Errorf("the %s is to be read", name)
			}
		}
	}
}
