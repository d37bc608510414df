package authcore_test

import (
	"strings"
	"testing"

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

func unanswered(t testing.TB, h *house, v *authcore.Verified) {
	t.Helper()
	_, err := h.Logins.Answered(t.Context(), v)
	wantCode(t, err, authcore.CodeConflict)
	if authcore.ReasonOf(err) != authcore.ReasonUnanswered {
		t.Errorf("reason %q", authcore.ReasonOf(err))
	}
}
