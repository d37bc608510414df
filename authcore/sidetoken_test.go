package authcore_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// sides are the doors that take a token, by the type and use of what they take.
func (f *forgetful) sides(t testing.TB, acme sharer) map[string]func(token string) error {
	t.Helper()
	return map[string]func(string) error{
		"access": func(token string) error { _, err := f.Gatekeeper.Authenticate(t.Context(), token, site); return err },
		"app": func(token string) error {
			k, _ := acme.call("call")
			k.Token = token
			_, err := f.Integrators.AdmitShared(t.Context(), k)
			return err
		},
		"mfa login": func(token string) error { _, err := f.Logins.ResumeMFA(t.Context(), by(""), token); return err },
		"mfa restore": func(token string) error {
			_, _, err := f.Users.RestoreCode(t.Context(), by(""), token, f.outbox.Last(t).Code)
			return err
		},
		"mfa password": func(token string) error { return f.Users.RestorePassword(t.Context(), by(""), token, chosen) },
		"ticket":       func(token string) error { _, _, err := f.Logins.Resume(t.Context(), by(""), token); return err },
	}
}

// RFC 8725 section 3.12: a token of one type, or for one use, passes nowhere else, the gate
// included; where it belongs it does.
func TestNoTokenPassesForAnother(t *testing.T) {
	f := newForgetful(t, nil)
	acme := f.sharer(t, authcore.Integrator{Name: "acme"})
	m := f.member(t, "bob")
	login := f.login(t, m)
	f.refresh(t)
	mfa, _, err := f.Logins.MFAToken(m.verified)
	must(t, err)
	ticket, err := f.Logins.Ticket(m.verified)
	must(t, err)
	next := f.code(t)
	tokens := map[string]string{
		"access": login.Token, "app": f.appToken(t, acme).Token, "mfa login": mfa, "mfa password": next,
		"mfa restore": f.asks(t, "alice").Token, "ticket": ticket,
	}
	doors := f.sides(t, acme)
	for door, open := range doors {
		for kind, token := range tokens {
			if kind != door {
				if err := open(token); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
					t.Errorf("%s: a token for %s gives %v", door, kind, err)
				}
			}
		}
	}
	for _, door := range []string{"access", "app", "mfa login", "mfa restore", "mfa password", "ticket"} {
		if err := doors[door](tokens[door]); err != nil {
			t.Errorf("%s: its own token gives %v", door, err)
		}
	}
}

// TOK-02, TOK-04: what is true of access tokens is of these: the header has three members, the
// payload those of its type, each once, and each is what this place expects.
func TestSideTokensAreStrict(t *testing.T) {
	f := newForgetful(t, nil)
	acme := f.sharer(t, authcore.Integrator{Name: "acme"})
	mfa, _, err := f.Logins.MFAToken(f.verified(t, "alice"))
	must(t, err)
	doors, now := f.sides(t, acme), f.clock.Now().Unix()
	for kind, good := range map[string]string{"app": f.appToken(t, acme).Token, "mfa login": mfa} {
		forge := newForge(t, f.house, good)
		must(t, doors[kind](forge.withClaim(t, "jti", "another")))
		bad := map[string]string{
			"another key's": good[:len(good)-4] + "AAAA", "a member more": forge.withClaim(t, "note", "x"),
			"a member doubled": forge.withPayload(t, `,"iss":"`+issuer+`"}`), "a header more": forge.withHeader(t, "note", "x"),
			"typ of access tokens": forge.withHeader(t, "typ", "at+jwt"), "no typ": forge.withHeader(t, "typ", absent{}), "typ JWT": forge.withHeader(t, "typ", "JWT"),
			"alg none": forge.withHeader(t, "alg", "none"), "kid of nobody": forge.withHeader(t, "kid", "x"),
			"another issuer": forge.withClaim(t, "iss", "https://evil.example"), "another site": forge.withClaim(t, "aud", "other"),
			"a list of sites": forge.withClaim(t, "aud", []string{site}), "another door": forge.withClaim(t, "client_id", "other"),
			"no ID": forge.withClaim(t, "jti", ""), "expired": forge.withClaim(t, "exp", now), "made tomorrow": forge.withClaim(t, "iat", now+31),
			"made never": forge.withClaim(t, "iat", 0), "for ever": forge.withClaim(t, "exp", now+int64(2*time.Hour/time.Second)),
		}
		for name := range forge.claims {
			bad["without "+name], bad["null as "+name] = forge.withClaim(t, name, absent{}), forge.withClaim(t, name, nil)
		}
		for what, token := range bad {
			if err := doors[kind](token); authcore.CodeOf(err) != authcore.CodeUnauthenticated {
				t.Errorf("%s, %s: %v", kind, what, err)
			}
		}
	}
}

// A token goes on with a login for ten minutes, and never longer than twenty after the
// password, however often it is made anew.
func TestMFATokenGoesOnWithALogin(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	shown := h.clock.Now()
	text, until, err := h.Logins.MFAToken(m.verified)
	must(t, err)
	if want := shown.Add(10 * time.Minute); !until.Equal(want) {
		t.Errorf("until %v, want %v", until, want)
	}
	var v *authcore.Verified
	for range 2 {
		h.clock.Turn(9 * time.Minute)
		h.refresh(t)
		v, err = h.Logins.ResumeMFA(t.Context(), by(""), text)
		must(t, err)
		text, until, err = h.Logins.MFAToken(v)
		must(t, err)
	}
	if want := shown.Add(20 * time.Minute); !until.Equal(want) {
		t.Errorf("until %v, want %v", until, want)
	}
	login, err := h.Logins.Second(t.Context(), v, m.code(t))
	must(t, err)
	if !login.Session.AuthTime.Equal(shown) {
		t.Errorf("the password was shown at %v, not %v", shown, login.Session.AuthTime)
	}
	h.clock.Turn(2 * time.Minute)
	h.refresh(t)
	_, err = h.Logins.ResumeMFA(t.Context(), by(""), text)
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, _, err = h.Logins.MFAToken(v)
	wantCode(t, err, authcore.CodeUnauthenticated)
	text, _, err = h.Logins.MFAToken(h.verified(t, "alice"))
	must(t, err)
	_, err = h.Users.SetPassword(t.Context(), authcore.Operator(), "alice", chosen)
	must(t, err)
	_, err = h.Logins.ResumeMFA(t.Context(), by(""), text)
	wantCode(t, err, authcore.CodeUnauthenticated)
}
