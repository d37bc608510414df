package authcore_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// The secret is what a client shows for a token, and its calls count against the minute.
func TestSecretIsShownForAToken(t *testing.T) {
	h := newCore(t, nil)
	acme := h.sharer(t, authcore.Integrator{Name: "acme", Rate: 2})
	k := authcore.Knock{Dialect: "fake", Name: "acme", From: authcore.Origin{Address: "192.0.2.1"}}
	for _, key := range []string{"", "WRONG", strings.ToLower(acme.secret), acme.secret + "A", acme.ID} {
		k.Key = key
		_, err := h.Integrators.Token(t.Context(), k, site, nil)
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	k.Key = acme.secret
	token, err := h.Integrators.Token(t.Context(), k, site, nil)
	must(t, err)
	if want := h.clock.Now().Add(time.Hour); !token.ExpiresAt.Equal(want) || len(token.Scope) != 0 {
		t.Errorf("a token for %v until %v, want all until %v", token.Scope, token.ExpiresAt, want)
	}
	other := k
	other.Dialect = "surepassid"
	_, err = h.Integrators.Token(t.Context(), other, site, nil)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Integrators.Token(t.Context(), k, site, nil)
	must(t, err)
	_, err = h.Integrators.Token(t.Context(), k, site, nil)
	wantCode(t, err, authcore.CodeThrottled)
}

// A token lives an hour, on every node, and gives what its scope and its integrator both have.
func TestAppTokenGivesItsScope(t *testing.T) {
	h := newCore(t, nil)
	some := h.sharer(t, authcore.Integrator{Name: "some", Operations: []string{"read", "write"}})
	all := h.sharer(t, authcore.Integrator{Name: "all"})
	admitted := func(s sharer, token authcore.AppToken) authcore.Actor {
		t.Helper()
		k, _ := s.call("call")
		k.Token = token.Token
		actor, err := h.Integrators.AdmitShared(t.Context(), k)
		must(t, err)
		return actor
	}
	for _, c := range []struct {
		who     sharer
		scope   []string
		want    []string
		may     string
		refused string
	}{
		{some, nil, []string{"read", "write"}, "write", "fly"},
		{some, []string{"read", "read"}, []string{"read"}, "read", "write"},
		{all, []string{"read"}, []string{"read"}, "read", "write"},
		{all, nil, nil, "write", ""},
	} {
		token := h.appToken(t, c.who, c.scope...)
		if !slices.Equal(token.Scope, c.want) {
			t.Errorf("%s asks for %v and gets %v, want %v", c.who.Name, c.scope, token.Scope, c.want)
		}
		actor := admitted(c.who, token)
		must(t, h.Integrators.MayAsk(t.Context(), actor, c.may, authcore.Origin{}))
		if c.refused != "" {
			wantCode(t, h.Integrators.MayAsk(t.Context(), actor, c.refused, authcore.Origin{}), authcore.CodeForbidden)
		}
	}
	k := authcore.Knock{Dialect: "fake", Name: "some", Key: some.secret}
	_, err := h.Integrators.Token(t.Context(), k, site, []string{"read", "fly"})
	if wantCode(t, err, authcore.CodeForbidden); authcore.ReasonOf(err) != authcore.ReasonOperation {
		t.Errorf("an operation that it has not: %v", err)
	}
	for _, odd := range []string{"", "read write"} {
		k := authcore.Knock{Dialect: "fake", Name: "all", Key: all.secret}
		_, err := h.Integrators.Token(t.Context(), k, site, []string{odd})
		wantCode(t, err, authcore.CodeInvalid)
	}
	token := h.appToken(t, some)
	call := func() error {
		k, _ := some.call("late")
		k.Token = token.Token
		_, err := h.Integrators.AdmitShared(t.Context(), k)
		return err
	}
	h.clock.Turn(time.Hour - time.Second)
	h.refresh(t)
	must(t, call())
	h.clock.Turn(time.Second)
	h.refresh(t)
	wantCode(t, call(), authcore.CodeUnauthenticated)
}
