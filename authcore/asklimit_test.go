package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// OTP-18: who knows a password asks its owner three times in a row, and not until he is weary
// and says yes. His no ends no run; a yes does, and a code that is typed.
func TestQuestionsInARow(t *testing.T) {
	for _, kind := range answering {
		for name, finish := range map[string]func(h *house, v *authcore.Verified, a *answerer, id, number string) error{
			"a yes": func(h *house, v *authcore.Verified, a *answerer, id, number string) error {
				_, err := h.Devices.Answer(t.Context(), a.says(t, id, "yes", number), authcore.Origin{})
				must(t, err)
				return second(h.Logins.Answered(t.Context(), v))
			},
			"a code": func(h *house, v *authcore.Verified, _ *answerer, _, _ string) error {
				return second(h.Logins.Second(t.Context(), v, codeOf(t, h, v)))
			},
		} {
			t.Run(string(kind)+", "+name, func(t *testing.T) {
				h, asker := answersHere(t, nil)
				h.user(t, "alice")
				h.user(t, "bob")
				a := h.answerer(t, "alice", kind)
				h.answerer(t, "bob", kind)
				for range 2 {
					h.next(t, h.verified(t, "alice"))
				}
				v := h.verified(t, "alice")
				step := h.next(t, v)
				must(t, finish(h, v, a, h.questionID(t, asker, a), step.Number))
				for range 2 {
					h.next(t, h.verified(t, "alice"))
				}
				step = h.next(t, h.verified(t, "alice"))
				_, err := h.Devices.Answer(t.Context(), a.says(t, h.questionID(t, asker, a), "no", step.Number), authcore.Origin{})
				must(t, err)
				h.wearied(t, "alice", 10*time.Minute)
				h.next(t, h.verified(t, "bob"))
				h.clock.Turn(10*time.Minute - time.Second)
				h.wearied(t, "alice", time.Second)
				h.clock.Turn(time.Second)
				h.next(t, h.verified(t, "alice"))
			})
		}
	}
}

// wearied says that a user is asked no more for a while, whichever login asks.
func (h *house) wearied(t testing.TB, user string, pause time.Duration) {
	t.Helper()
	_, err := h.Logins.Next(t.Context(), h.verified(t, user))
	wantCode(t, err, authcore.CodeThrottled)
	if authcore.ReasonOf(err) != authcore.ReasonPaused || retryAfter(err) != pause {
		t.Errorf("%v, reason %q, try again after %s, want %s", err, authcore.ReasonOf(err), retryAfter(err), pause)
	}
}

// All devices of a user are asked on one account: a second one is no second run.
func TestQuestionsInARowToManyDevices(t *testing.T) {
	h, _ := answersHere(t, nil)
	h.user(t, "alice")
	for _, kind := range answering {
		a := h.answerer(t, "alice", kind)
		h.next(t, h.verified(t, "alice"))
		if kind != authcore.KindMobile {
			_, err := h.Devices.Block(t.Context(), authcore.Operator(), a.device.ID)
			must(t, err)
		}
	}
	h.wearied(t, "alice", 10*time.Minute)
}

// Whoever knows the ID of a device fills the audit trail with nothing: of what is signed wrong
// one address leaves ten rows in a minute, and all together sixty. Each gets the same answer.
func TestRefusedSignaturesDoNotFloodTheAuditTrail(t *testing.T) {
	h, _ := answersHere(t, nil)
	h.user(t, "alice")
	a := h.answerer(t, "alice", authcore.KindMobile)
	forger := &answerer{a.device, newP256(t), h.clock}
	from := authcore.Origin{Address: "192.0.2.1"}
	for name, c := range map[string]struct {
		action, reason string
		call           func() error
	}{
		"a signature": {"device.signature", "wrong_signature", func() error {
			return second(h.Devices.Answer(t.Context(), forger.says(t, "x", "yes", "42"), from))
		}},
		"an answer": {"device.answer", "malformed", func() error {
			return second(h.Devices.Answer(t.Context(), a.says(t, "x", "maybe", "42"), from))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h.clock.Turn(time.Minute)
			call := func(address string, times, rows int) {
				t.Helper()
				from.Address = address
				for range times {
					err := c.call()
					wantCode(t, err, authcore.CodeUnauthenticated)
					if authcore.MessageOf(err) != "no active device signs like this" {
						t.Error(err)
					}
				}
				if got := h.reasons(t, c.action)[c.reason]; got != rows {
					t.Errorf("%d rows after %s, want %d", got, address, rows)
				}
			}
			call("192.0.2.1", 15, 10)
			call("192.0.2.2", 15, 20)
			for n, address := range []string{"192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"} {
				call(address, 10, 30+10*n)
			}
			call("192.0.2.7", 5, 60)
			h.clock.Turn(time.Minute)
			call("192.0.2.7", 1, 61)
		})
	}
}
