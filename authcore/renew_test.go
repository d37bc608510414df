package authcore_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// browser is a member who logs in through the pages.
func (h *house) browser(t testing.TB, name string) *member {
	t.Helper()
	u, d := h.user(t, name), h.device(t, name, authcore.KindHOTP)
	a := attempt(name)
	a.ClientID = authcore.DoorPortal
	v, err := h.Logins.Primary(t.Context(), a)
	must(t, err)
	return &member{user: u, device: d, verified: v}
}

// later turns the clock, and the view with it.
func (h *house) later(t testing.TB, d time.Duration) {
	t.Helper()
	h.clock.Turn(d)
	h.refresh(t)
}

// SES-04: a browser that does nothing for half an hour is out; an API's token
// lives as long as it always did.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		name          string
		idle, session time.Duration
		want          time.Duration
	}{
		{"by default", 0, 0, 30 * time.Minute},
		{"as it is set", 5 * time.Minute, 0, 5 * time.Minute},
		{"no longer than the session", 2 * time.Hour, time.Hour, time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newCore(t, func(o *authcore.Options) {
				o.Idle, o.SessionLifetime, o.TokenLifetime = c.idle, c.session, c.session
			})
			l, api := h.login(t, h.browser(t, "alice")), h.login(t, h.member(t, "bob"))
			if got := l.ExpiresAt.Sub(h.clock.Now()); got != c.want {
				t.Errorf("a browser's token lives %s, want %s", got, c.want)
			}
			if want := max(c.session, authcore.DefaultLifetime); c.session == 0 && api.ExpiresAt.Sub(h.clock.Now()) != want {
				t.Errorf("an API's token ends at %s", api.ExpiresAt)
			}
			h.later(t, c.want-time.Second)
			h.passes(t, l.Token)
			h.later(t, time.Second)
			h.refuses(t, l.Token)
			h.again(t, nil).refuses(t, l.Token)
		})
	}
}

// SES-04: who goes on working stays in until the session's absolute end, and not a
// second longer, and no request on the way costs SQL.
func TestRenew(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.SessionLifetime, o.TokenLifetime = time.Hour, time.Hour })
	l := h.login(t, h.browser(t, "alice"))
	token, renewed := l.Token, 0
	for range 59 {
		p := h.passes(t, token)
		h.faults.Reset()
		next, ok := h.Gatekeeper.Renew(p)
		if n, b := h.faults.Count(), h.faults.Begins(); n != 0 || b != 0 {
			t.Fatalf("to renew costs %d statements in %d transactions", n, b)
		}
		left := p.ExpiresAt.Sub(h.clock.Now())
		if want := left < 15*time.Minute && p.ExpiresAt.Before(l.Session.ExpiresAt.Truncate(time.Second)); ok != want {
			t.Fatalf("with %s left, %s before the end: renewed is %v", left, l.Session.ExpiresAt.Sub(h.clock.Now()), ok)
		}
		if ok {
			renewed++
			old := p
			p, token = h.passes(t, next), next
			if p.SessionID != old.SessionID || p.UserID != old.UserID || p.DeviceID != old.DeviceID || !p.AuthTime.Equal(old.AuthTime) ||
				!p.OTPTime.Equal(old.OTPTime) || len(p.AMR) != len(old.AMR) || p.ClientID != old.ClientID {
				t.Errorf("%+v became %+v", old, p)
			}
		}
		h.later(t, time.Minute)
	}
	if renewed != 2 {
		t.Errorf("renewed %d times, want 2", renewed)
	}
	h.later(t, time.Minute)
	h.refuses(t, token)
}

// How long programs keep a token does not shorten what a browser's session has.
func TestSessionOutlivesShortTokens(t *testing.T) {
	for token, want := range map[time.Duration]time.Duration{
		0: authcore.DefaultLifetime, 20 * time.Minute: authcore.DefaultLifetime, 24 * time.Hour: 24 * time.Hour,
	} {
		h := newCore(t, func(o *authcore.Options) { o.TokenLifetime = token })
		if got := h.login(t, h.browser(t, "alice")).Session.ExpiresAt.Sub(h.clock.Now()); got != want {
			t.Errorf("with tokens of %s a session lasts %s, want %s", token, got, want)
		}
	}
}

// Many requests that come at once sign one token.
func TestRenewSignsOnce(t *testing.T) {
	h := newCore(t, nil)
	l := h.login(t, h.browser(t, "alice"))
	h.later(t, 16*time.Minute)
	h.passes(t, l.Token) // a first look at a token is not shared
	tokens := make([]string, 50)
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() { tokens[i], _ = h.Gatekeeper.Renew(h.passes(t, l.Token)) })
	}
	all.Wait()
	for _, token := range tokens {
		if token == "" || token != tokens[0] {
			t.Fatal("one request has another token, or none")
		}
	}
}

// What is no browser's, has its time still, is over or was revoked is not renewed.
func TestRenewRefuses(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.TokenLifetime, o.SessionLifetime = 20*time.Minute, time.Hour })
	api, l := h.login(t, h.member(t, "bob")), h.login(t, h.browser(t, "alice"))
	fresh, dialects := h.passes(t, l.Token), h.passes(t, api.Token)
	refused := func(what string, p *authcore.Principal) {
		t.Helper()
		if token, ok := h.Gatekeeper.Renew(p); ok || token != "" {
			t.Errorf("%s is renewed", what)
		}
	}
	h.later(t, 15*time.Minute)
	refused("a token with half of its time", fresh)
	h.later(t, time.Second)
	refused("an API's token", dialects)
	if _, ok := h.Gatekeeper.Renew(fresh); !ok {
		t.Error("after half of its time it is not renewed")
	}
	h.later(t, 15*time.Minute-time.Second)
	refused("a token that is over", fresh)
}

// SES-07: what revokes a session revokes the tokens that it was renewed to, also
// when both happen at once: the new token has the epochs of the old one.
func TestRenewedTokensAreRevoked(t *testing.T) {
	for i, c := range revocations {
		t.Run(c.name, func(t *testing.T) {
			h := newCore(t, func(o *authcore.Options) { o.OneLogin = i%2 == 0 })
			m := h.browser(t, "alice")
			l := h.login(t, m)
			h.later(t, 16*time.Minute)
			p := h.passes(t, l.Token)
			before, ok := h.Gatekeeper.Renew(p)
			if !ok {
				t.Fatal("not renewed")
			}
			h.passes(t, before)
			raced := h.passes(t, h.login(t, m).Token) // proven before, renewed after
			h.later(t, 16*time.Minute)
			must(t, c.revoke(t, h, m, l))
			h.refuses(t, before)
			if token, ok := h.Gatekeeper.Renew(raced); ok && c.name != "session revoked" {
				h.refuses(t, token)
				h.again(t, nil).refuses(t, token)
			}
			if _, err := h.Gatekeeper.Carry(t.Context(), p, "b"); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
				t.Errorf("it is carried on: %v", err)
			}
		})
	}
}

// SES-11: what a browser has open ends with its session, not with the token that
// it was opened with: an open WebSocket could not be given a new one.
func TestOpenStreamsEndWithABrowsersSession(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.SessionLifetime, o.TokenLifetime = time.Hour, time.Hour })
	l := h.login(t, h.browser(t, "alice"))
	var open authcore.Stream
	stream := h.Gatekeeper.Attach(t.Context(), &open, h.passes(t, l.Token))
	defer open.End()
	h.later(t, time.Hour-time.Second)
	if stream.Err() != nil {
		t.Fatal("ended before the session")
	}
	h.refuses(t, l.Token)
	h.later(t, time.Second)
	if !errors.Is(causeOf(stream), authcore.ErrRevoked) {
		t.Errorf("ended with %v, want ErrRevoked", causeOf(stream))
	}
}

// opens says whether a token is good for a site.
func (h *house) opens(t testing.TB, token, audience string) bool {
	t.Helper()
	_, err := h.Gatekeeper.Authenticate(t.Context(), token, audience)
	if err != nil {
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
	return err == nil
}

// Section 4: with one login, a session has a token for each site that is asked for,
// each good there alone, and all end together.
func TestCarry(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.OneLogin = true })
	m := h.browser(t, "alice")
	l := h.login(t, m)
	if l.Session.Audience != "*" || !h.opens(t, l.Token, site) || h.opens(t, l.Token, "b") || h.opens(t, l.Token, "*") {
		t.Fatalf("the session's audience is %q", l.Session.Audience)
	}
	h.later(t, 10*time.Minute)
	carried, err := h.Gatekeeper.Carry(t.Context(), h.passes(t, l.Token), "b")
	must(t, err)
	if !h.opens(t, carried, "b") || h.opens(t, carried, site) || h.opens(t, carried, "*") {
		t.Error("the carried token is not for its site alone")
	}
	h.later(t, 20*time.Minute) // the first token is over, the second has a third of its time
	p, err := h.Gatekeeper.Authenticate(t.Context(), carried, "b")
	must(t, err)
	if p.SessionID != l.Session.ID || !p.AuthTime.Equal(time.Unix(l.Session.AuthTime.Unix(), 0)) {
		t.Errorf("%+v", p)
	}
	at, ok := h.Gatekeeper.RenewAt(p, site)
	if !ok || !h.opens(t, at, site) || h.opens(t, at, "b") {
		t.Error("who works at one site is idle at the other")
	}
	h.later(t, 10*time.Minute)
	p, err = h.Gatekeeper.Authenticate(t.Context(), carried, "b")
	wantCode(t, err, authcore.CodeUnauthenticated)
	if p != nil {
		t.Error("it outlives its idle time")
	}
	again := h.login(t, m)
	carried, err = h.Gatekeeper.Carry(t.Context(), h.passes(t, again.Token), "b")
	must(t, err)
	_, err = h.Sessions.Revoke(t.Context(), authcore.Operator(), again.Session.ID)
	must(t, err)
	if h.opens(t, carried, "b") || h.opens(t, again.Token, site) {
		t.Error("one sign-out does not end both")
	}
}

// A session that is of one site, of another door, ended on another node, or one
// that is asked for in a way that no site has, is not carried.
func TestCarryRefuses(t *testing.T) {
	h := newCore(t, nil)
	alone := h.login(t, h.browser(t, "alice"))
	one := h.again(t, func(o *authcore.Options) { o.OneLogin, o.Live = true, h.live })
	all := one.login(t, one.browser(t, "bob"))
	a := attempt("bob")
	a.Audience = "*"
	v, err := one.Logins.Primary(t.Context(), a)
	must(t, err)
	d := one.device(t, "bob", authcore.KindHOTP)
	api, err := one.Logins.Second(t.Context(), v, authtest.HOTP(t, d.Secret, 0))
	must(t, err)
	star, err := one.Gatekeeper.Authenticate(t.Context(), api.Token, "*")
	must(t, err)
	p := one.passes(t, all.Token)
	for what, carry := range map[string]func() (string, error){
		"a session of one site":  func() (string, error) { return one.Gatekeeper.Carry(t.Context(), one.passes(t, alone.Token), "b") },
		"that, to its own":       func() (string, error) { return one.Gatekeeper.Carry(t.Context(), one.passes(t, alone.Token), site) },
		"an API's":               func() (string, error) { return one.Gatekeeper.Carry(t.Context(), star, "b") },
		"to no site":             func() (string, error) { return one.Gatekeeper.Carry(t.Context(), p, "") },
		"to all":                 func() (string, error) { return one.Gatekeeper.Carry(t.Context(), p, "*") },
		"where each has its own": func() (string, error) { return h.Gatekeeper.Carry(t.Context(), p, "b") },
	} {
		if token, err := carry(); token != "" || authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			t.Errorf("%s: %v", what, err)
		}
	}
	h.later(t, 16*time.Minute)
	if _, ok := one.Gatekeeper.RenewAt(p, "b"); !ok {
		t.Error("a session for all sites is not renewed at another")
	}
	for what, c := range map[string]struct {
		h *house
		p *authcore.Principal
	}{"a session of one site": {one, one.passes(t, alone.Token)}, "where each has its own": {h, p}} {
		if token, ok := c.h.Gatekeeper.RenewAt(c.p, "b"); ok || token != "" {
			t.Errorf("%s is renewed at another", what)
		}
	}
	if h.opens(t, all.Token, site) {
		t.Error("where each site has its own login, one for all opens a site")
	}
	other := h.again(t, func(o *authcore.Options) { o.OneLogin = true })
	_, err = other.Sessions.Revoke(t.Context(), authcore.Operator(), all.Session.ID)
	must(t, err)
	if _, err := one.Gatekeeper.Carry(t.Context(), p, "b"); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
		t.Errorf("ended on another node, before this one looks: %v", err)
	}
}

// A stream of an API ends with the token, though the session would go on.
func TestOpenStreamsEndWithAnAPIsToken(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.SessionLifetime, o.TokenLifetime = 2*time.Hour, time.Hour })
	var open authcore.Stream
	stream := h.Gatekeeper.Attach(t.Context(), &open, h.passes(t, h.login(t, h.member(t, "alice")).Token))
	defer open.End()
	h.later(t, time.Hour)
	if !errors.Is(causeOf(stream), authcore.ErrRevoked) {
		t.Errorf("ended with %v, want ErrRevoked", causeOf(stream))
	}
}
