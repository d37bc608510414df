package authcore_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

var answering = []authcore.DeviceKind{authcore.KindHTTP, authcore.KindStomp, authcore.KindMobile}

// A yes finishes the login that asked, and no code is typed.
func TestYesLogsIn(t *testing.T) {
	for _, kind := range answering {
		t.Run(string(kind), func(t *testing.T) {
			h, asker := answersHere(t, nil)
			h.user(t, "alice")
			a := h.answerer(t, "alice", kind)
			v := h.verified(t, "alice")
			_, err := h.Logins.Answered(t.Context(), v)
			wantCode(t, err, authcore.CodeNotFound)
			step := h.next(t, v)
			if step.Kind != kind || step.Enrol || len(step.Number) != 2 || step.Address != "" || step.ExpiresAt.IsZero() {
				t.Errorf("step %+v", step)
			}
			unanswered(t, h, v)
			got, err := h.Devices.Answer(t.Context(), a.says(t, h.questionID(t, asker, a), "yes", step.Number), authcore.Origin{Address: "198.51.100.7"})
			must(t, err)
			if got.ID != a.device.ID {
				t.Errorf("it was answered by %+v", got)
			}
			login, err := h.Logins.Answered(t.Context(), v)
			must(t, err)
			h.refresh(t)
			want := "pwd pop mfa"
			if kind == authcore.KindMobile {
				want = "pwd swk mfa"
			}
			if p := h.passes(t, login.Token); strings.Join(p.AMR, " ") != want || p.DeviceID != a.device.ID || login.Activated {
				t.Errorf("principal %+v", p)
			}
			_, err = h.Logins.Answered(t.Context(), v)
			wantCode(t, err, authcore.CodeNotFound)
		})
	}
}

// Whoever waits for a device to be asked is told that it could not be, and not of a code.
func TestDeviceThatCanNotBeAsked(t *testing.T) {
	for _, kind := range append(slices.Clone(answering), authcore.KindPhone) {
		t.Run(string(kind), func(t *testing.T) {
			h, asker := answersHere(t, nil)
			away := authcore.Unavailable(errors.New("away"))
			asker.Answer = func(context.Context, authcore.Question) (string, error) { return "", away }
			asker.Fail = func(context.Context, authcore.Message) error { return away }
			asker.FailTelling = asker.Fail // which waking an app is, too
			h.user(t, "alice")
			want := "the device could not be asked, please try again"
			if kind == authcore.KindPhone {
				want = "the code could not be delivered, please try again"
				_, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: kind, Address: "+79001234567"})
				must(t, err)
			} else {
				h.answerer(t, "alice", kind)
			}
			_, err := h.Logins.Next(t.Context(), h.verified(t, "alice"))
			refused(t, err, authcore.CodeUnavailable, authcore.ReasonUndelivered)
			var told *authcore.Error
			if !errors.As(err, &told) || told.Message != want || told.RetryAfter != time.Second {
				t.Errorf("he is told %+v, want %q", told, want)
			}
		})
	}
}

func unanswered(t testing.TB, h *house, v *authcore.Verified) {
	t.Helper()
	_, err := h.Logins.Answered(t.Context(), v)
	wantCode(t, err, authcore.CodeConflict)
	if authcore.ReasonOf(err) != authcore.ReasonUnanswered {
		t.Errorf("reason %q", authcore.ReasonOf(err))
	}
}
