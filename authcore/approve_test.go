package authcore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// asks asks alice, and must be let.
func asks(t testing.TB, h *house, by authcore.Actor, a authcore.Ask) authcore.Asked {
	t.Helper()
	asked, err := h.Devices.Ask(t.Context(), by, a)
	must(t, err)
	if asked.ID == "" || len(asked.Number) != 2 || asked.Answer != "" {
		t.Fatalf("asked %+v", asked)
	}
	return asked
}

func stands(t testing.TB, h *house, by authcore.Actor, id string) authcore.Answer {
	t.Helper()
	asked, err := h.Devices.AnswerTo(t.Context(), by, id, authcore.Origin{})
	must(t, err)
	return asked.Answer
}

// An integrator asks, and learns a yes once and a no as often as he likes; neither opens
// anything here.
func TestIntegratorAsks(t *testing.T) {
	for _, kind := range answering {
		t.Run(string(kind), func(t *testing.T) {
			h, asker := answersHere(t, nil)
			h.user(t, "alice")
			a, by := h.answerer(t, "alice", kind), h.integrator(t, "acme", authcore.DefaultTenant)
			v := h.verified(t, "alice")
			ask := authcore.Ask{User: "alice", Request: "Transfer 100 €", From: authcore.Origin{Address: "192.0.2.9"}}
			asked := asks(t, h, by, ask)
			if asked.Device.ID != a.device.ID || h.questionID(t, asker, a) != asked.ID {
				t.Errorf("asked %+v", asked)
			}
			code, request := "", ""
			if kind == authcore.KindMobile {
				p := h.waiting(t, a)
				code, request = p.Code, p.Request
			} else {
				_, claims := authtest.ReadJWS(t, a.key.([]byte), asker.Question(t).Text)
				code, _ = claims["code"].(string)
				request, _ = claims["request"].(string)
			}
			if code != "" || request != ask.Request {
				t.Errorf("the device reads %q, and the code %q", request, code)
			}
			if got := stands(t, h, by, asked.ID); got != "" {
				t.Errorf("it stands at %q", got)
			}
			_, err := h.Devices.Answer(t.Context(), a.says(t, asked.ID, "yes", asked.Number), authcore.Origin{})
			must(t, err)
			_, err = h.Logins.Answered(t.Context(), v)
			wantCode(t, err, authcore.CodeNotFound)
			if got := stands(t, h, by, asked.ID); got != authcore.AnswerYes {
				t.Errorf("it stands at %q", got)
			}
			_, err = h.Devices.AnswerTo(t.Context(), by, asked.ID, authcore.Origin{})
			if wantCode(t, err, authcore.CodeUnauthenticated); authcore.ReasonOf(err) != authcore.ReasonReplayed {
				t.Error(err)
			}
			h.clock.Turn(authcore.ChallengeLifetime)
			h.refresh(t)
			_, err = h.Devices.AnswerTo(t.Context(), by, asked.ID, authcore.Origin{}) // which is no reason to ask again
			if wantCode(t, err, authcore.CodeUnauthenticated); authcore.ReasonOf(err) != authcore.ReasonReplayed {
				t.Error(err)
			}
			ask.User, ask.Device = "", a.device.Serial
			asked = asks(t, h, by, ask)
			_, err = h.Devices.Answer(t.Context(), a.says(t, asked.ID, "no", ""), authcore.Origin{})
			must(t, err)
			for range 2 {
				if got := stands(t, h, by, asked.ID); got != authcore.AnswerNo {
					t.Errorf("it stands at %q", got)
				}
			}
		})
	}
}

// Who asked learns the answer, and nobody else; nor of a login.
func TestAnswersOfOthers(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	a, by := h.answerer(t, "alice", authcore.KindHTTP), h.integrator(t, "acme", authcore.DefaultTenant)
	asked := asks(t, h, by, authcore.Ask{User: "alice"})
	_, err := h.Devices.Answer(t.Context(), a.says(t, asked.ID, "yes", ""), authcore.Origin{})
	must(t, err)
	h.next(t, h.verified(t, "alice"))
	login := asker.Question(t).ID
	_, err = h.Devices.Answer(t.Context(), a.says(t, login, "yes", ""), authcore.Origin{})
	must(t, err)
	for name, c := range map[string]struct {
		by   authcore.Actor
		id   string
		want authcore.Code
	}{
		"the operator":    {authcore.Operator(), asked.ID, authcore.CodeNotFound},
		"nobody":          {authcore.Actor{}, asked.ID, authcore.CodeForbidden},
		"no such":         {by, uuid.NewString(), authcore.CodeNotFound},
		"no ID":           {by, "x", authcore.CodeNotFound},
		"that of a login": {by, login, authcore.CodeNotFound},
	} {
		if _, err := h.Devices.AnswerTo(t.Context(), c.by, c.id, authcore.Origin{}); err == nil || authcore.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := stands(t, h, by, strings.ToUpper(asked.ID)); got != authcore.AnswerYes {
		t.Errorf("it stands at %q", got)
	}
}

// What ends the device or the question ends the yes.
func TestWhatEndsAnAskedYes(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*testing.T, *house, *answerer, authcore.Actor)
		want authcore.Reason
	}{
		"time": {func(_ *testing.T, h *house, _ *answerer, _ authcore.Actor) { h.clock.Turn(authcore.ChallengeLifetime) }, authcore.ReasonExpired},
		"block": {func(t *testing.T, h *house, a *answerer, _ authcore.Actor) {
			_, err := h.Devices.Block(t.Context(), authcore.Operator(), a.device.ID)
			must(t, err)
		}, authcore.ReasonInactive},
		"disabled": {func(t *testing.T, h *house, _ *answerer, _ authcore.Actor) {
			_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
			must(t, err)
		}, authcore.ReasonUserDisabled},
		"another question": {func(t *testing.T, h *house, _ *answerer, by authcore.Actor) {
			asks(t, h, by, authcore.Ask{User: "alice"})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := answersHere(t, nil)
			h.user(t, "alice")
			a, by := h.answerer(t, "alice", authcore.KindHTTP), h.integrator(t, "acme", authcore.DefaultTenant)
			asked := asks(t, h, by, authcore.Ask{User: "alice"})
			_, err := h.Devices.Answer(t.Context(), a.says(t, asked.ID, "yes", ""), authcore.Origin{})
			must(t, err)
			c.end(t, h, a, by)
			if _, err = h.Devices.AnswerTo(t.Context(), by, asked.ID, authcore.Origin{}); err == nil || authcore.ReasonOf(err) != c.want {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// What can't be asked says why.
func TestQuestionsThatAreRefused(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	h.user(t, "bob")
	totp, by := h.device(t, "bob", authcore.KindTOTP), h.integrator(t, "acme", authcore.DefaultTenant)
	a := h.answerer(t, "alice", authcore.KindHTTP)
	for name, c := range map[string]struct {
		ask    authcore.Ask
		want   authcore.Code
		reason authcore.Reason
	}{
		"nobody":           {authcore.Ask{}, authcore.CodeNotFound, authcore.ReasonNoUser},
		"a stranger":       {authcore.Ask{User: "carol"}, authcore.CodeNotFound, authcore.ReasonNoUser},
		"who has none":     {authcore.Ask{User: "bob"}, authcore.CodeNotFound, authcore.ReasonNone},
		"no such device":   {authcore.Ask{Device: "none"}, authcore.CodeNotFound, authcore.ReasonNoDevice},
		"one that is told": {authcore.Ask{Device: totp.Device.ID}, authcore.CodeNotFound, authcore.ReasonNoDevice},
		"another's":        {authcore.Ask{User: "bob", Device: a.device.ID}, authcore.CodeNotFound, authcore.ReasonNoDevice},
		"too long":         {authcore.Ask{User: "alice", Request: strings.Repeat("ы", 201)}, authcore.CodeInvalid, ""},
		"two lines":        {authcore.Ask{User: "alice", Request: "a\nb"}, authcore.CodeInvalid, ""},
		"turned around":    {authcore.Ask{User: "alice", Request: "a\u202eb"}, authcore.CodeInvalid, ""},
		"not UTF-8":        {authcore.Ask{User: "alice", Request: "\xff"}, authcore.CodeInvalid, ""},
	} {
		if _, err := h.Devices.Ask(t.Context(), by, c.ask); err == nil || authcore.CodeOf(err) != c.want || authcore.ReasonOf(err) != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := h.Devices.Ask(t.Context(), authcore.Actor{}, authcore.Ask{User: "alice"})
	wantCode(t, err, authcore.CodeForbidden)
	asker.Answer = func(context.Context, authcore.Question) (string, error) { return "", authcore.Unavailable(nil) }
	_, err = h.Devices.Ask(t.Context(), by, authcore.Ask{User: "alice"})
	if wantCode(t, err, authcore.CodeUnavailable); authcore.ReasonOf(err) != authcore.ReasonUndelivered {
		t.Error(err)
	}
	asker.Answer = nil
	for range authcore.DefaultLimits().Send.InARow {
		asks(t, h, by, authcore.Ask{User: "alice", Request: strings.Repeat("ы", 200)})
	}
	_, err = h.Devices.Ask(t.Context(), by, authcore.Ask{User: "alice"})
	if wantCode(t, err, authcore.CodeThrottled); authcore.ReasonOf(err) != authcore.ReasonPaused {
		t.Error(err)
	}
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), a.device.ID)
	must(t, err)
	_, err = h.Devices.Ask(t.Context(), by, authcore.Ask{User: "alice"})
	if wantCode(t, err, authcore.CodeForbidden); authcore.ReasonOf(err) != authcore.ReasonInactive {
		t.Error(err)
	}
}
