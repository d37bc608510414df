package authcore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// A fetch is good once, for a minute, for the app that signs it; what waits for others is not
// in it.
func TestFetchesThatAreRefused(t *testing.T) {
	h, _ := answersHere(t, nil)
	h.user(t, "alice")
	h.user(t, "bob")
	app, other, web := h.answerer(t, "alice", authcore.KindMobile), h.answerer(t, "bob", authcore.KindMobile), h.answerer(t, "alice", authcore.KindHTTP)
	_, err := h.Devices.Waiting(t.Context(), app.fetch(t), authcore.Origin{})
	must(t, err)
	v := h.verified(t, "alice")
	ways, err := h.Logins.Ways(t.Context(), v)
	must(t, err)
	for _, d := range ways.Devices {
		if d.ID == app.device.ID {
			_, err = h.Logins.SendTo(t.Context(), v, d.ID, true)
			must(t, err)
		}
	}
	if list, err := h.Devices.Waiting(t.Context(), other.fetch(t), authcore.Origin{}); err != nil || list == nil || len(list) != 0 {
		t.Errorf("bob's app sees %v, %v", list, err)
	}
	now := h.clock.Now().Unix()
	const typ = "doorward-fetch+jwt"
	claims := authtest.Claims{"iss": app.device.ID, "aud": issuer, "iat": now, "jti": uuid.NewString()}
	text := authtest.JWS(t, app.key, typ, claims)
	list, err := h.Devices.Waiting(t.Context(), text, authcore.Origin{})
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d wait", len(list))
	}
	with := func(c authtest.Claims) string { return authtest.JWS(t, app.key, typ, claims.With(c)) }
	for name, text := range map[string]string{
		"again":                 text,
		"again, signed anew":    authtest.JWS(t, app.key, typ, claims),
		"another's key":         authtest.JWS(t, other.key, typ, claims.With(authtest.Claims{"jti": "a"})),
		"a device that is told": authtest.JWS(t, web.key, typ, claims.With(authtest.Claims{"iss": web.device.ID})),
		"without an ID":         with(authtest.Claims{"jti": nil}),
		"old":                   with(authtest.Claims{"jti": "b", "iat": now - 61}),
		"of the future":         with(authtest.Claims{"jti": "c", "iat": now + 61}),
		"for another site":      with(authtest.Claims{"jti": "d", "aud": "https://x.example.com"}),
		"an answer":             app.says(t, list[0].ID, "yes", "42"),
	} {
		if _, err := h.Devices.Waiting(t.Context(), text, authcore.Origin{}); err == nil || authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	ahead := with(authtest.Claims{"jti": "e", "iat": now + 60})
	_, err = h.Devices.Waiting(t.Context(), ahead, authcore.Origin{})
	must(t, err)
	h.clock.Turn(2 * time.Minute)
	for done := false; !done; { // what is remembered may be forgotten when it is over
		done = h.live.Prune(t.Context(), h.store, h.clock.Now(), h.options.Log)
	}
	_, err = h.Devices.Waiting(t.Context(), ahead, authcore.Origin{})
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), app.device.ID)
	must(t, err)
	_, err = h.Devices.Waiting(t.Context(), app.fetch(t), authcore.Origin{})
	wantCode(t, err, authcore.CodeUnauthenticated)
	if got := h.reasons(t, "device.fetch"); fmt.Sprint(got) != fmt.Sprint(map[string]int{"malformed": 2, "replayed": 3}) {
		t.Errorf("the audit trail has %v", got)
	}
}

// Each fetch leaves a row: a device that fetches without end is told to wait, and no other.
func TestFetchesAreBounded(t *testing.T) {
	h, _ := answersHere(t, nil)
	h.user(t, "alice")
	h.user(t, "bob")
	app, other := h.answerer(t, "alice", authcore.KindMobile), h.answerer(t, "bob", authcore.KindMobile)
	for range 120 {
		_, err := h.Devices.Waiting(t.Context(), app.fetch(t), authcore.Origin{})
		must(t, err)
	}
	_, err := h.Devices.Waiting(t.Context(), app.fetch(t), authcore.Origin{})
	wantCode(t, err, authcore.CodeThrottled)
	if authcore.ReasonOf(err) != authcore.ReasonRate {
		t.Errorf("reason %q", authcore.ReasonOf(err))
	}
	_, err = h.Devices.Waiting(t.Context(), other.fetch(t), authcore.Origin{})
	must(t, err)
	h.clock.Turn(time.Second)
	_, err = h.Devices.Waiting(t.Context(), app.fetch(t), authcore.Origin{})
	must(t, err)
}
