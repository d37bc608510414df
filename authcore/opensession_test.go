package authcore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

func opening(name string) authcore.Opening {
	return authcore.Opening{User: name, Password: password, Lifetime: 30 * time.Minute, From: authcore.Origin{Address: "192.0.2.7", RequestID: "r7"}}
}

func (h *house) opened(t testing.TB, name string) authcore.Session {
	t.Helper()
	s, err := h.Sessions.Open(t.Context(), erp(), opening(name))
	must(t, err)
	return s
}

// An integrator opens a session for who shows his password, sees that it stands, and
// ends it.
func TestOpenSession(t *testing.T) {
	h := newCore(t, nil)
	u := h.person(t, "alice", mail)
	s := h.opened(t, "Alice@Example.com")
	got, err := h.again(t, nil).Sessions.Opened(t.Context(), erp(), s.ID)
	must(t, err)
	if got != s || got.UserID != u.ID || got.ClientID != dialect || got.Tenant != authcore.DefaultTenant || got.Address != "192.0.2.7" ||
		got.ExpiresAt.Sub(h.clock.Now()) != 30*time.Minute || !got.AuthTime.Equal(h.clock.Now()) {
		t.Errorf("opened %+v, found %+v", s, got)
	}
	if got.DeviceID != "" || got.Audience != "" || !got.OTPTime.IsZero() {
		t.Errorf("it has what a code gives: %+v", got)
	}
	closed, err := h.Sessions.Close(t.Context(), erp(), s.ID)
	must(t, err)
	if closed.ID != s.ID || closed.EndedAt.IsZero() {
		t.Errorf("closed %+v", closed)
	}
	_, err = h.Sessions.Close(t.Context(), erp(), s.ID)
	wantCode(t, err, authcore.CodeNotFound)
	in, out := h.events(t, "session.open"), h.events(t, "session.revoke")
	if len(in) != 1 || in[0].SessionID != s.ID || in[0].UserID != u.ID || in[0].Actor != "integrator:erp" || in[0].Address != "192.0.2.7" || in[0].RequestID != "r7" ||
		len(out) != 1 || out[0].SessionID != s.ID {
		t.Errorf("audited %+v and %+v", in, out)
	}
	long := opening("alice")
	long.Lifetime = 1000 * time.Hour
	s, err = h.Sessions.Open(t.Context(), erp(), long)
	if must(t, err); s.ExpiresAt.Sub(h.clock.Now()) != authcore.DefaultLifetime {
		t.Errorf("it lasts until %s", s.ExpiresAt)
	}
}

// Law 6: a session for which no code was shown opens nothing: no token can be had for
// it, and who would ask through it is nobody.
func TestSessionWithoutACodeOpensNothing(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.OneLogin = true })
	m := h.member(t, "alice")
	h.device(t, "alice", authcore.KindTOTP)
	login := h.login(t, m)
	// One of the portal's own name could at most be renewed.
	s, err := h.Sessions.Open(t.Context(), authcore.ActingIntegrator(authcore.DoorPortal, authcore.DefaultTenant), opening("alice"))
	must(t, err)
	now := h.clock.Now()
	for what, p := range map[string]*authcore.Principal{
		"as it is":          {UserID: m.user.ID, SessionID: s.ID, Tenant: s.Tenant, ClientID: s.ClientID, AuthTime: s.AuthTime},
		"with a forged OTP": {UserID: m.user.ID, SessionID: s.ID, Tenant: s.Tenant, ClientID: s.ClientID, AuthTime: now, OTPTime: now, DeviceID: m.device.Device.ID, ExpiresAt: now.Add(time.Minute)},
	} {
		actor := authcore.ActingUser(p)
		if v, err := h.Logins.StepUp(t.Context(), actor, attempt("alice")); v != nil {
			t.Errorf("%s: it is stepped up", what)
		} else {
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
		if v, err := h.Logins.Adding(t.Context(), actor, attempt("alice")); v != nil || err == nil {
			t.Errorf("%s: it adds a device", what)
		}
		if err := removals["block"](t, h, actor, m.device.Device.ID); err == nil {
			t.Errorf("%s: it blocks a device", what)
		}
		if codes, err := h.Devices.NewBackupCodes(t.Context(), actor, authcore.AnyCodes); codes != nil || err == nil {
			t.Errorf("%s: it makes backup codes", what)
		}
		if err := h.Users.ChangePassword(t.Context(), actor, attempt("alice"), "one more "+password); err == nil {
			t.Errorf("%s: it changes the password", what)
		}
		if token, err := h.Gatekeeper.Carry(t.Context(), p, "other.example.com"); token != "" || err == nil {
			t.Errorf("%s: it is carried to a site", what)
		}
		if token, ok := h.Gatekeeper.Renew(p); ok || token != "" {
			t.Errorf("%s: it is renewed", what)
		}
	}
	for _, token := range []string{s.ID, "", s.ID + "." + s.ID + "." + s.ID} {
		h.refuses(t, token)
	}
	h.passes(t, login.Token)
	if _, err := h.Sessions.Opened(t.Context(), erp(), login.Session.ID); err == nil {
		t.Error("a login is a session of an integrator")
	}
}

// What was not opened in the dialect and tenant, has ended or expired, or is of a user
// who may not log in reads like what does not exist.
func TestSessionsThatAreNotFound(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	standing := h.opened(t, "alice")
	found := func(actor authcore.Actor, id string) bool {
		_, err := h.Sessions.Opened(t.Context(), actor, id)
		if err != nil {
			wantReason(t, err, authcore.CodeNotFound, "")
		}
		_, closing := h.Sessions.Close(t.Context(), actor, id)
		if err != nil && closing == nil {
			t.Errorf("%s was closed", id)
		}
		return err == nil
	}
	for _, actor := range []authcore.Actor{authcore.ActingIntegrator("other", authcore.DefaultTenant), authcore.ActingIntegrator(dialect, "acme")} {
		if found(actor, standing.ID) {
			t.Errorf("%s sees it", actor)
		}
	}
	as := attempt("alice")
	as.ClientID = dialect
	v, err := h.Logins.Primary(t.Context(), as)
	must(t, err)
	login, err := h.Logins.Second(t.Context(), v, m.code(t))
	must(t, err)
	for _, id := range []string{login.Session.ID, uuid.NewString(), "", "x\x00", standing.ID + " "} {
		if found(erp(), id) {
			t.Errorf("%q is found", id)
		}
	}
	h.passes(t, login.Token)
	for what, end := range map[string]func() error{
		"its user is disabled": func() error {
			h.write(t, func(tx authcore.Tx) error { return tx.SetUserDisabled(m.user.ID, true) })
			return nil
		},
		"his sessions ended": func() error {
			_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
			return err
		},
		"it was revoked": func() error { return nil },
		"it expired":     func() error { return nil },
	} {
		_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", false)
		must(t, err)
		s := h.opened(t, "alice")
		switch what {
		case "it was revoked":
			_, err = h.Sessions.Revoke(t.Context(), erp(), s.ID)
			must(t, err)
		case "it expired":
			h.clock.Turn(30 * time.Minute)
		}
		must(t, end())
		if found(erp(), s.ID) {
			t.Errorf("%s, and it is found", what)
		}
	}
}

// Only integrators open sessions, by a password that is right, for some time.
func TestOpeningsThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	for who, actor := range map[string]authcore.Actor{"an operator": authcore.Operator(), "a user": h.fresh(u), "nobody": {}} {
		_, err := h.Sessions.Open(t.Context(), actor, opening("alice"))
		wantCode(t, err, authcore.CodeForbidden)
		s := h.opened(t, "alice")
		_, err = h.Sessions.Opened(t.Context(), actor, s.ID)
		wantCode(t, err, authcore.CodeForbidden)
		if _, err = h.Sessions.Close(t.Context(), actor, s.ID); err == nil {
			t.Errorf("%s closed it", who)
		}
	}
	opened := len(h.events(t, "session.open"))
	for _, change := range []func(*authcore.Opening){
		func(o *authcore.Opening) { o.Password = "wrong" }, func(o *authcore.Opening) { o.User = "nobody" },
	} {
		o := opening("alice")
		change(&o)
		_, err := h.Sessions.Open(t.Context(), erp(), o)
		wantReason(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongSecret)
	}
	_, err := h.Sessions.Open(t.Context(), authcore.ActingIntegrator(dialect, "acme"), opening("alice"))
	wantReason(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongSecret)
	for _, none := range []time.Duration{0, -time.Minute} {
		o := opening("alice")
		o.Lifetime = none
		_, err := h.Sessions.Open(t.Context(), erp(), o)
		wantCode(t, err, authcore.CodeInvalid)
	}
	if n := len(h.events(t, "session.open")); n != opened {
		t.Errorf("%d were opened", n-opened)
	}
}

// interposed does something before the last write of who opens a session.
type interposed struct {
	authcore.Store
	do func()
}

func (b *interposed) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	if n, ok := ctx.Value(writes{}).(*int); ok {
		if *n++; *n == 3 { // the try is counted, and taken back
			b.do()
		}
	}
	return b.Store.Write(ctx, fn)
}

// What ends a user's sessions ends one that he has shown his password for.
func TestOpeningBesideAnEnd(t *testing.T) {
	b := &interposed{}
	h := newCore(t, func(o *authcore.Options) { b.Store = o.Store; o.Store = b })
	h.user(t, "alice")
	ended := 0
	for _, end := range []func() error{
		func() error { return nil },
		func() error {
			_, err := h.Users.SetPassword(t.Context(), authcore.Operator(), "alice", password)
			return err
		},
		func() error {
			_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
			return err
		},
		func() error { _, err := h.Users.Remove(t.Context(), authcore.Operator(), "alice"); return err },
	} {
		b.do = func() { ended++; must(t, end()) }
		_, err := h.Sessions.Open(context.WithValue(t.Context(), writes{}, new(int)), erp(), opening("alice"))
		if ended == 1 {
			must(t, err)
			continue
		}
		wantReason(t, err, authcore.CodeUnauthenticated, authcore.ReasonWrongSecret)
		if _, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", false); err != nil {
			wantCode(t, err, authcore.CodeNotFound)
		}
	}
	if ended != 4 || len(h.events(t, "session.open")) != 1 {
		t.Errorf("%d tries, %d opened", ended, len(h.events(t, "session.open")))
	}
}
