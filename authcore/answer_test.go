package authcore_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// A question says all that a device needs, signed with its secret, and nothing of the header
// can be taken for another thing.
func TestQuestion(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	a := h.answerer(t, "alice", authcore.KindHTTP)
	step := h.next(t, h.verified(t, "alice"))
	q := asker.Question(t)
	if q.To != askedAt[authcore.KindHTTP] || q.ID == "" || !q.ExpiresAt.Equal(step.ExpiresAt) {
		t.Errorf("question %+v", q)
	}
	header, claims := authtest.ReadJWS(t, a.key.([]byte), q.Text)
	if header != `{"alg":"HS256","typ":"doorward-challenge+jwt"}` {
		t.Errorf("header %s", header)
	}
	code, _ := claims["code"].(string)
	if len(code) != 6 {
		t.Errorf("code %q", code)
	}
	want := authtest.Claims{
		"iss": issuer, "aud": a.device.Serial, "sub": a.device.ID, "jti": q.ID, "iat": float64(h.clock.Now().Unix()),
		"exp": float64(step.ExpiresAt.Unix()), "number": step.Number, "site": "Doorward", "user": "alice", "address": "192.0.2.1", "code": code,
	}
	if got, same := asJSON(t, claims), asJSON(t, want); got != same {
		t.Errorf("claims %s, want %s", got, same)
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	return string(text)
}

// The code of a question may be typed instead, whoever types it, and the yes comes too late
// then.
func TestCodeOfAQuestion(t *testing.T) {
	for _, kind := range answering {
		t.Run(string(kind), func(t *testing.T) {
			h, asker := answersHere(t, nil)
			h.user(t, "alice")
			a := h.answerer(t, "alice", kind)
			v := h.verified(t, "alice")
			step := h.next(t, v)
			id, code := h.questionID(t, asker, a), ""
			if kind == authcore.KindMobile {
				code = h.waiting(t, a).Code
			} else {
				_, claims := authtest.ReadJWS(t, a.key.([]byte), asker.Question(t).Text)
				code, _ = claims["code"].(string)
			}
			_, err := h.Logins.Second(t.Context(), v, wrongOf(code))
			wantCode(t, err, authcore.CodeUnauthenticated)
			login, err := h.Logins.Second(t.Context(), h.verified(t, "alice"), code) // another request of the same door
			must(t, err)
			h.refresh(t)
			if p := h.passes(t, login.Token); strings.Join(p.AMR, " ") != "pwd otp mfa" {
				t.Errorf("methods %v", p.AMR)
			}
			_, err = h.Devices.Answer(t.Context(), a.says(t, id, "yes", step.Number), authcore.Origin{})
			wantCode(t, err, authcore.CodeConflict)
			_, err = h.Logins.Answered(t.Context(), v)
			wantCode(t, err, authcore.CodeNotFound)
		})
	}
}

// A no is a no: the login ends, the code is void, and a later yes changes nothing.
func TestNo(t *testing.T) {
	for _, kind := range answering {
		for name, c := range map[string]struct{ says, number string }{
			"a no":                    {"no", ""},
			"a no with the number":    {"no", "right"},
			"a yes of another number": {"yes", "wrong"},
		} {
			t.Run(string(kind)+", "+name, func(t *testing.T) {
				h, asker := answersHere(t, nil)
				h.user(t, "alice")
				a := h.answerer(t, "alice", kind)
				v := h.verified(t, "alice")
				step := h.next(t, v)
				id := h.questionID(t, asker, a)
				code := codeOf(t, h, v)
				number := map[string]string{"": "", "right": step.Number, "wrong": "1" + step.Number}[c.number]
				_, err := h.Devices.Answer(t.Context(), a.says(t, id, c.says, number), authcore.Origin{})
				must(t, err)
				denied(t, h, v)
				_, err = h.Devices.Answer(t.Context(), a.says(t, id, "yes", step.Number), authcore.Origin{})
				wantCode(t, err, authcore.CodeConflict)
				if authcore.ReasonOf(err) != authcore.ReasonReplayed {
					t.Errorf("reason %q", authcore.ReasonOf(err))
				}
				denied(t, h, v)
				_, err = h.Logins.Second(t.Context(), v, code)
				wantCode(t, err, authcore.CodeUnauthenticated)
				_, err = h.Logins.Sent(t.Context(), v)
				wantCode(t, err, authcore.CodeNotFound)
				if h.next(t, v); h.questionID(t, asker, a) == id {
					t.Error("the denied question is asked again")
				}
			})
		}
	}
}

func denied(t testing.TB, h *house, v *authcore.Verified) {
	t.Helper()
	_, err := h.Logins.Answered(t.Context(), v)
	wantCode(t, err, authcore.CodeUnauthenticated)
	if authcore.ReasonOf(err) != authcore.ReasonDenied {
		t.Errorf("reason %q", authcore.ReasonOf(err))
	}
}

// codeOf is the code on its way for a login, read out of the store.
func codeOf(t testing.TB, h *house, v *authcore.Verified) (code string) {
	t.Helper()
	h.read(t, func(tx authcore.Tx) error {
		c, err := tx.Challenge(v.UserID(), authcore.PurposeLogin)
		must(t, err)
		text, err := h.ring.Open("challenges", "code", c.ID, c.Sealed)
		code = string(text)
		return err
	})
	return code
}

// Only an app's yes needs the number: other devices were told it.
func TestWhoNeedsTheNumber(t *testing.T) {
	for _, kind := range answering {
		h, asker := answersHere(t, nil)
		h.user(t, "alice")
		a := h.answerer(t, "alice", kind)
		v := h.verified(t, "alice")
		h.next(t, v)
		_, err := h.Devices.Answer(t.Context(), a.says(t, h.questionID(t, asker, a), "yes", ""), authcore.Origin{})
		must(t, err)
		if kind == authcore.KindMobile {
			denied(t, h, v)
			continue
		}
		_, err = h.Logins.Answered(t.Context(), v)
		must(t, err)
	}
}

// Whoever signs, in whatever way but the one, says nothing.
func TestAnswersThatAreRefused(t *testing.T) {
	h, asker := answersHere(t, nil)
	for _, name := range []string{"alice", "bob", "carol"} {
		h.user(t, name)
	}
	web, app, foreign := h.answerer(t, "alice", authcore.KindHTTP), h.answerer(t, "carol", authcore.KindMobile), h.answerer(t, "bob", authcore.KindHTTP)
	bobsApp := h.answerer(t, "bob", authcore.KindMobile)
	v, w := h.verified(t, "alice"), h.verified(t, "carol")
	step, appStep := h.next(t, v), h.next(t, w)
	id, appID := asker.Question(t).ID, h.waiting(t, app).ID
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	now := h.clock.Now().Unix()
	const typ = "doorward-answer+jwt"
	header := func(alg string) string { return `{"alg":"` + alg + `","typ":"` + typ + `"}` }
	good := asJSON(t, web.claims(id, "yes", step.Number))
	secret := web.key.([]byte)
	hs := func(header, claims string) string {
		return authtest.SignedAs(t, jwt.SigningMethodHS256, secret, header, claims)
	}
	with := func(c authtest.Claims) string {
		return authtest.JWS(t, web.key, typ, web.claims(id, "yes", step.Number).With(c))
	}
	byApp := func(key any, c authtest.Claims) string {
		return authtest.JWS(t, key, typ, app.claims(appID, "yes", appStep.Number).With(c))
	}
	for name, text := range map[string]string{
		"nothing":                      "",
		"no JWS":                       "yes",
		"two parts":                    "e30.e30",
		"four parts":                   hs(header("HS256"), good) + ".e30",
		"a space":                      hs(header("HS256"), good) + " ",
		"padding":                      hs(header("HS256"), good) + "=",
		"no signature":                 hs(header("HS256"), good)[:strings.LastIndexByte(hs(header("HS256"), good), '.')+1],
		"none":                         authtest.SignedAs(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, header("none"), good),
		"none, signed":                 hs(header("none"), good),
		"another algorithm's name":     hs(header("HS512"), good),
		"another hash":                 authtest.SignedAs(t, jwt.SigningMethodHS512, secret, header("HS512"), good),
		"a key of its own":             authtest.JWS(t, newP256(t), typ, web.claims(id, "yes", step.Number)),
		"another type":                 hs(`{"alg":"HS256","typ":"JWT"}`, good),
		"a question's type":            hs(`{"alg":"HS256","typ":"doorward-challenge+jwt"}`, good),
		"a fetch's type":               hs(`{"alg":"HS256","typ":"doorward-fetch+jwt"}`, good),
		"no type":                      hs(`{"alg":"HS256"}`, good),
		"two types":                    hs(`{"alg":"HS256","typ":"JWT","typ":"`+typ+`"}`, good),
		"something critical":           hs(`{"alg":"HS256","typ":"`+typ+`","crit":["exp"]}`, good),
		"a kid that is no text":        hs(`{"alg":"HS256","typ":"`+typ+`","kid":7}`, good),
		"something beside the kid":     hs(`{"alg":"HS256","typ":"`+typ+`","kid":"a","jku":"https://example.net"}`, good),
		"two answers":                  hs(header("HS256"), strings.Replace(good, "{", `{"answer":"no",`, 1)),
		"two answers, one with an ess": hs(header("HS256"), strings.Replace(good, "{", `{"an\u0073wer":"no",`, 1)),
		"more after the claims":        hs(header("HS256"), good+"{}"),
		"claims in a list":             hs(header("HS256"), "["+good+"]"),
		"too long":                     hs(header("HS256"), strings.Replace(good, "{", `{"x":"`+strings.Repeat("x", 4096)+`",`, 1)),
		"no issuer":                    with(authtest.Claims{"iss": nil}),
		"an issuer that is no ID":      with(authtest.Claims{"iss": "alice"}),
		"another device as issuer":     with(authtest.Claims{"iss": foreign.device.ID}),
		"nobody as issuer":             with(authtest.Claims{"iss": uuid.NewString()}),
		"another audience":             with(authtest.Claims{"aud": "https://other.example.com"}),
		"two audiences":                with(authtest.Claims{"aud": []string{issuer, "x"}}),
		"no audience":                  with(authtest.Claims{"aud": nil}),
		"a minute and a second old":    with(authtest.Claims{"iat": now - 61, "exp": now + 100}),
		"of the future":                with(authtest.Claims{"iat": now + 61, "exp": now + 100}),
		"of no time":                   with(authtest.Claims{"iat": nil}),
		"of null":                      hs(header("HS256"), `{"iat":null,`+good[1:]),
		"over":                         with(authtest.Claims{"exp": now}),
		"good for too long":            with(authtest.Claims{"exp": now + 301}),
		"good for ever":                with(authtest.Claims{"exp": nil}),
		"good till the end of numbers": with(authtest.Claims{"exp": int64(1) << 62}),
		"no question":                  with(authtest.Claims{"jti": nil}),
		"no answer":                    with(authtest.Claims{"answer": nil}),
		"maybe":                        with(authtest.Claims{"answer": "maybe"}),
		"an answer in capitals":        with(authtest.Claims{"answer": "YES"}),
		"an answer that is true":       with(authtest.Claims{"answer": true}),
		"a number that is no text":     with(authtest.Claims{"number": 42}),
		"the app's public key as HMAC": authtest.SignedAs(t, jwt.SigningMethodHS256, app.device.AppKey, header("HS256"), asJSON(t, app.claims(appID, "yes", appStep.Number))),
		"HMAC of nothing for the app":  authtest.SignedAs(t, jwt.SigningMethodHS256, []byte{}, header("HS256"), asJSON(t, app.claims(appID, "yes", appStep.Number))),
		"another key for the app":      byApp(newP256(t), nil),
		"another kind of key for it":   byApp(private, nil),
		"another's app":                byApp(bobsApp.key, nil),
	} {
		_, err := h.Devices.Answer(t.Context(), text, authcore.Origin{})
		if err == nil || authcore.CodeOf(err) != authcore.CodeUnauthenticated || authcore.MessageOf(err) != "no active device signs like this" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"no such question":            with(authtest.Claims{"jti": uuid.NewString()}),
		"a question of no shape":      with(authtest.Claims{"jti": "x"}),
		"another's question":          foreign.says(t, id, "yes", step.Number),
		"another's question, of apps": bobsApp.says(t, appID, "yes", appStep.Number),
	} {
		_, err := h.Devices.Answer(t.Context(), text, authcore.Origin{})
		if wantCode(t, err, authcore.CodeConflict); authcore.ReasonOf(err) != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	unanswered(t, h, v)
	unanswered(t, h, w)
	_, err = h.Devices.Answer(t.Context(), hs(`{"typ":"`+typ+`","kid":"a","alg":"HS256"}`, strings.Replace(good, "{", `{"nbf":1,"Answer":"no",`, 1)), authcore.Origin{})
	must(t, err)
	_, err = h.Logins.Answered(t.Context(), v)
	must(t, err)
}

// What ends a device, its user or the question between question and answer, or between answer
// and login, ends the yes.
func TestWhatEndsAYes(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *house, *answerer){
		"the device is blocked": func(t *testing.T, h *house, a *answerer) {
			_, err := h.Devices.Block(t.Context(), authcore.Operator(), a.device.ID)
			must(t, err)
		},
		"the device is deactivated": func(t *testing.T, h *house, a *answerer) {
			_, err := h.Devices.Deactivate(t.Context(), authcore.Operator(), a.device.ID)
			must(t, err)
		},
		"the device is removed": func(t *testing.T, h *house, a *answerer) {
			_, err := h.Devices.Remove(t.Context(), authcore.Operator(), a.device.ID)
			must(t, err)
		},
		"the user is disabled": func(t *testing.T, h *house, _ *answerer) {
			_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
			must(t, err)
		},
		"time": func(_ *testing.T, h *house, _ *answerer) { h.clock.Turn(authcore.ChallengeLifetime) },
	} {
		for _, kind := range []authcore.DeviceKind{authcore.KindHTTP, authcore.KindMobile} {
			t.Run(name+" before "+string(kind), func(t *testing.T) {
				h, asker := answersHere(t, nil)
				h.user(t, "alice")
				a := h.answerer(t, "alice", kind)
				v := h.verified(t, "alice")
				step := h.next(t, v)
				id := h.questionID(t, asker, a)
				end(t, h, a)
				_, err := h.Devices.Answer(t.Context(), a.says(t, id, "yes", step.Number), authcore.Origin{})
				if err == nil {
					t.Error("it answers still")
				}
				if _, err := h.Logins.Answered(t.Context(), v); err == nil {
					t.Error("it logs in still")
				}
			})
			t.Run(name+" after "+string(kind), func(t *testing.T) {
				h, asker := answersHere(t, nil)
				h.user(t, "alice")
				a := h.answerer(t, "alice", kind)
				v := h.verified(t, "alice")
				step := h.next(t, v)
				_, err := h.Devices.Answer(t.Context(), a.says(t, h.questionID(t, asker, a), "yes", step.Number), authcore.Origin{})
				must(t, err)
				end(t, h, a)
				if _, err := h.Logins.Answered(t.Context(), v); err == nil {
					t.Error("it logs in still")
				}
			})
		}
	}
}

// A yes is for the login that asked: who knows the password too, and waits at the same
// door, can't use it, and what he asks anew makes the first question void.
func TestYesIsForTheLoginThatAsked(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	a := h.answerer(t, "alice", authcore.KindMobile)
	v, thief := h.verified(t, "alice"), h.verified(t, "alice")
	step := h.next(t, v)
	first := h.questionID(t, asker, a)
	_, err := h.Devices.Answer(t.Context(), a.says(t, first, "yes", step.Number), authcore.Origin{})
	must(t, err)
	for range 2 {
		_, err = h.Logins.Answered(t.Context(), thief)
		wantCode(t, err, authcore.CodeNotFound)
	}
	_, err = h.Logins.Sent(t.Context(), thief)
	wantCode(t, err, authcore.CodeNotFound)
	elsewhere := attempt("alice")
	elsewhere.ClientID = "portal"
	other, err := h.Logins.Primary(t.Context(), elsewhere)
	must(t, err)
	_, err = h.Logins.Answered(t.Context(), other)
	wantCode(t, err, authcore.CodeNotFound)
	// The ticket of the login goes on with it.
	ticket, err := h.Logins.Ticket(v)
	must(t, err)
	resumed, _, err := h.Logins.Resume(t.Context(), attempt("alice"), ticket)
	must(t, err)
	if sent, err := h.Logins.Sent(t.Context(), resumed); err != nil || sent.Number != step.Number {
		t.Errorf("it shows %+v, %v", sent, err)
	}
	_, err = h.Logins.Answered(t.Context(), resumed)
	must(t, err)

	step = h.next(t, v)
	first = h.questionID(t, asker, a)
	h.next(t, thief)
	if h.questionID(t, asker, a) == first {
		t.Fatal("two logins share a question, and its number")
	}
	_, err = h.Devices.Answer(t.Context(), a.says(t, first, "yes", step.Number), authcore.Origin{})
	wantCode(t, err, authcore.CodeConflict)
	unanswered(t, h, thief)
}

// Of many answers at once one counts, and of many who ask one logs in.
func TestOneOfManyAnswersWins(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	a := h.answerer(t, "alice", authcore.KindHTTP)
	v := h.verified(t, "alice")
	step := h.next(t, v)
	text := a.says(t, asker.Question(t).ID, "yes", step.Number)
	count := func(fn func() error) int64 {
		var n atomic.Int64
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				if fn() == nil {
					n.Add(1)
				}
			})
		}
		wg.Wait()
		return n.Load()
	}
	if n := count(func() error { _, err := h.Devices.Answer(t.Context(), text, authcore.Origin{}); return err }); n != 1 {
		t.Errorf("%d answers counted", n)
	}
	if n := count(func() error { _, err := h.Logins.Answered(t.Context(), v); return err }); n != 1 {
		t.Errorf("%d logins by one yes", n)
	}
}

// What a device answers while it is asked counts as if it came later, and what is wrong with
// it makes the question no less asked.
func TestAnswerAtOnce(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	a := h.answerer(t, "alice", authcore.KindHTTP)
	v := h.verified(t, "alice")
	says := ""
	asker.Answer = func(_ context.Context, q authcore.Question) (string, error) {
		if says == "" {
			return "not a JWS", nil
		}
		return a.says(t, q.ID, says, ""), nil
	}
	h.next(t, v)
	unanswered(t, h, v)
	for _, says = range []string{"no", "yes"} {
		_, err := h.Logins.Send(t.Context(), v)
		must(t, err)
		if says == "no" {
			denied(t, h, v)
		}
	}
	_, err := h.Logins.Answered(t.Context(), v)
	must(t, err)
}

// What surely was not asked costs nothing, and is not there.
func TestUnaskedQuestion(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	h.answerer(t, "alice", authcore.KindStomp)
	v := h.verified(t, "alice")
	asker.Answer = func(context.Context, authcore.Question) (string, error) { return "", authcore.Unavailable(nil) }
	for range 20 {
		_, err := h.Logins.Next(t.Context(), v)
		wantCode(t, err, authcore.CodeUnavailable)
	}
	_, err := h.Logins.Answered(t.Context(), v)
	wantCode(t, err, authcore.CodeNotFound)
	asker.Answer = nil
	h.next(t, v)
}

// An app is woken without what it is asked.
func TestWakingAnApp(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	a := h.answerer(t, "alice", authcore.KindMobile)
	told := len(asker.Told(t, 0))
	h.next(t, h.verified(t, "alice"))
	m := asker.Told(t, told+1)[told]
	p := h.waiting(t, a)
	if m.To != askedAt[authcore.KindMobile] || m.Code != "" || strings.Contains(m.Text, p.Code) || m.Text == "" || asker.Asked() != 0 {
		t.Errorf("message %+v", m)
	}
	if p.Site != "Doorward" || p.User != "alice" || p.Address != "192.0.2.1" || p.Request != "" || len(p.Code) != 6 || !p.ExpiresAt.Equal(p.CreatedAt.Add(10*time.Minute)) {
		t.Errorf("it waits: %+v", p)
	}
}

// An answer that is shown again and again, or of nothing that was asked, fills no audit trail:
// who has a device could make as many as he likes.
func TestRepeatedAnswersDoNotFillTheAudit(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	a := h.answerer(t, "alice", authcore.KindHTTP)
	h.next(t, h.verified(t, "alice"))
	yes, none := a.says(t, asker.Question(t).ID, "yes", ""), a.says(t, uuid.NewString(), "yes", "")
	for n := range 60 {
		for _, text := range []string{yes, none} {
			_, err := h.Devices.Answer(t.Context(), text, authcore.Origin{Address: "192.0.2.9"})
			if n > 0 || text == none {
				wantCode(t, err, authcore.CodeConflict)
			}
		}
	}
	if got := h.reasons(t, "device.answer"); got[""] != 1 || got["replayed"]+got["not_asked"] != 10 {
		t.Errorf("the audit trail has %v", got)
	}
}
