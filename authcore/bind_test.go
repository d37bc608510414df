package authcore_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// document is what an approver is known by.
const document = "98765432100"

// bank is an account on which u is an approver.
func (h *house) bank(t testing.TB, u authcore.User) authcore.Account {
	t.Helper()
	a := authcore.Account{ID: uuid.NewString(), Tenant: u.Tenant, Name: "bank of " + u.Name, Status: authcore.AccountActive, CreatedAt: h.clock.Now()}
	h.write(t, func(tx authcore.Tx) error {
		return errors.Join(tx.CreateAccount(a),
			tx.CreateApprover(authcore.Approver{Account: a.ID, UserID: u.ID, Document: document, CreatedAt: h.clock.Now()}))
	})
	return a
}

// registered is an active client device of u's, as an approval leaves it.
func (h *house) registered(t testing.TB, u authcore.User, c authcore.Client) authcore.Device {
	t.Helper()
	d := authcore.Device{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: uuid.NewString()[:12], Kind: authcore.KindClient,
		Status: authcore.StatusActive, Awaits: authcore.AwaitsApproval, LastCounter: -1, CreatedAt: h.clock.Now(),
	}
	c.DeviceID = d.ID
	h.write(t, func(tx authcore.Tx) error {
		err := errors.Join(tx.CreateDevice(d), tx.CreateClient(c))
		if c.Key == "" {
			return err
		}
		_, pointed := tx.PointRef(authcore.Ref{Dialect: "accounts", Tenant: u.Tenant, Kind: "device", Key: c.Account + "|" + c.Key}, "", d.ID)
		return errors.Join(err, pointed)
	})
	return d
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// browserOf is a client device that a browser is, with its secret.
func (h *house) browserOf(t testing.TB, u authcore.User, secret string) authcore.Device {
	t.Helper()
	return h.registered(t, u, authcore.Client{Marks: authcore.Marks{Secret: digest(secret)}})
}

func (h *house) bind(t testing.TB, token string, b authcore.Binding) (authcore.Login, error) {
	t.Helper()
	return h.Logins.Bind(t.Context(), authcore.ActingUser(h.passes(t, token)), attempt(""), b)
}

// SES-03: a session that is bound is another one, with the times and the end of the one
// that it takes the place of, which is over at once.
func TestBind(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	d := h.browserOf(t, m.user, "secret")
	old := h.login(t, m)
	was := h.passes(t, old.Token)
	h.clock.Turn(time.Hour)
	h.refresh(t)
	login, err := h.bind(t, old.Token, authcore.Binding{Secret: "secret"})
	must(t, err)
	h.refuses(t, old.Token)
	for _, node := range []*house{h, h.again(t, nil)} {
		is := node.passes(t, login.Token)
		if is.ClientDevice != d.ID || is.SessionID == was.SessionID || is.DeviceID != was.DeviceID || is.ClientID != was.ClientID ||
			!is.AuthTime.Equal(was.AuthTime) || !is.OTPTime.Equal(was.OTPTime) || !is.ExpiresAt.Equal(was.ExpiresAt) || !slices.Equal(is.AMR, was.AMR) {
			t.Errorf("%+v became %+v", was, is)
		}
	}
	if !login.Session.ExpiresAt.Equal(old.Session.ExpiresAt) || !login.Session.AuthTime.Equal(old.Session.AuthTime) || !login.Session.OTPTime.Equal(old.Session.OTPTime) {
		t.Errorf("%+v became %+v", old.Session, login.Session)
	}
	if got := h.reasons(t, "client.bind"); len(got) != 1 || got[""] != 1 {
		t.Errorf("in the audit trail: %v", got)
	}
}

// What shows no device that counts binds nothing: one answer, its cause in the audit
// trail, and the session goes on as it was.
func TestWhatBindsNothing(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	theirs, closed := h.bank(t, alice.user), h.bank(t, bob.user)
	h.write(t, func(tx authcore.Tx) error {
		return errors.Join(tx.CreateApprover(authcore.Approver{Account: theirs.ID, UserID: bob.user.ID, Document: "12345678901"}),
			tx.CreateApprover(authcore.Approver{Account: closed.ID, UserID: alice.user.ID, Document: "11111111111"}))
	})
	session := uuid.NewString()
	marks := authcore.Marks{Secret: digest("hers"), SessionDigest: digest(session)}
	h.registered(t, alice.user, authcore.Client{Account: theirs.ID, Key: uuid.NewString(), Marks: marks})
	h.registered(t, bob.user, authcore.Client{Account: theirs.ID, Key: uuid.NewString(), Marks: authcore.Marks{Secret: digest("his"), SessionDigest: digest("his session")}})
	h.registered(t, alice.user, authcore.Client{Account: closed.ID, Key: uuid.NewString(), Marks: authcore.Marks{Secret: digest("closed"), SessionDigest: digest("closed session")}})
	h.write(t, func(tx authcore.Tx) error {
		_, err := tx.MoveAccount(closed.ID, authcore.AccountBlocked, authcore.AccountActive)
		return err
	})
	for _, status := range []authcore.DeviceStatus{authcore.StatusPending, authcore.StatusBlocked, authcore.StatusDeactivated, authcore.StatusRejected} {
		d := h.browserOf(t, alice.user, string(status))
		h.write(t, func(tx authcore.Tx) error { _, err := tx.MoveDevice(d.ID, status, authcore.StatusActive); return err })
	}
	with := func(session, document string) authcore.Binding {
		return authcore.Binding{Account: theirs.ID, Document: document, Session: session}
	}
	l := h.login(t, alice)
	want := map[string]int{}
	for _, c := range []struct {
		name   string
		b      authcore.Binding
		reason string
	}{
		{"nothing", authcore.Binding{}, "nothing_shown"},
		{"two things", authcore.Binding{Secret: "hers", Account: theirs.ID, Document: document, Session: session}, "nothing_shown"},
		{"a secret of nobody's", authcore.Binding{Secret: "nobody's"}, "unknown_device"},
		{"another's secret", authcore.Binding{Secret: "his"}, "unknown_device"},
		{"that of a pending one", authcore.Binding{Secret: "pending"}, "inactive"},
		{"that of a blocked one", authcore.Binding{Secret: "blocked"}, "inactive"},
		{"that of a deactivated one", authcore.Binding{Secret: "deactivated"}, "inactive"},
		{"that of a rejected one", authcore.Binding{Secret: "rejected"}, "inactive"},
		{"that of an account that is blocked", authcore.Binding{Secret: "closed"}, "inactive"},
		{"a session of nobody's", with(uuid.NewString(), document), "unknown_device"},
		{"another's session", with("his session", document), "unknown_device"},
		{"a session of another account", with("closed session", document), "unknown_device"},
		{"one of an account that is blocked", authcore.Binding{Account: closed.ID, Document: "11111111111", Session: "closed session"}, "inactive"},
		{"another's document", with(session, "12345678901"), "document"},
		{"no document", with(session, ""), "document"},
		{"half a document", with(session, document[:10]), "document"},
		{"no account", authcore.Binding{Document: document, Session: session}, "document"},
		{"another account", authcore.Binding{Account: uuid.NewString(), Document: document, Session: session}, "document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.later(t, time.Minute)
			_, err := h.bind(t, l.Token, c.b)
			if wantCode(t, err, authcore.CodeForbidden); authcore.ReasonOf(err) != authcore.ReasonClientDevice {
				t.Errorf("the reason is %q", authcore.ReasonOf(err))
			}
			if p := h.passes(t, l.Token); p.ClientDevice != "" {
				t.Errorf("bound to %s", p.ClientDevice)
			}
			want[c.reason]++
			if got := h.reasons(t, "client.bind"); got[c.reason] != want[c.reason] || got[""] != 0 {
				t.Errorf("in the audit trail: %v, want another %q", got, c.reason)
			}
		})
	}
	_, err := h.bind(t, l.Token, with(session, document))
	must(t, err) // or the refusals would show nothing
}

// Accounts and sessions are compared in any case, documents by their digits.
func TestBindByWhatAnAppCallsItsSession(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	a := h.bank(t, m.user)
	session := uuid.NewString()
	old := h.registered(t, m.user, authcore.Client{Account: a.ID, Key: uuid.NewString(), Marks: authcore.Marks{SessionDigest: digest(session)}})
	d := h.registered(t, m.user, authcore.Client{Account: a.ID, Key: uuid.NewString(), Marks: authcore.Marks{SessionDigest: digest(session)}})
	l, err := h.bind(t, h.login(t, m).Token, authcore.Binding{
		Account: strings.ToUpper(a.ID), Document: "987.654.321-00", Session: strings.ToUpper(session),
	})
	must(t, err)
	if p := h.passes(t, l.Token); p.ClientDevice != d.ID || p.ClientDevice == old.ID {
		t.Errorf("bound to %s, want the newest, %s", p.ClientDevice, d.ID)
	}
}

// Law 2: of many who bind a session at once one makes another of it.
func TestOneBindWins(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.browserOf(t, m.user, "secret")
	actor := authcore.ActingUser(h.passes(t, h.login(t, m).Token))
	won := parallel(8, func(int) error {
		_, err := h.Logins.Bind(t.Context(), actor, attempt(""), authcore.Binding{Secret: "secret"})
		if err != nil {
			wantCode(t, err, authcore.CodeUnauthenticated)
		}
		return err
	})
	if won != 1 {
		t.Errorf("%d sessions took the place of one", won)
	}
	open, err := h.Sessions.List(t.Context(), authcore.Operator(), "alice")
	if must(t, err); len(open) != 1 || open[0].ClientDevice == "" {
		t.Errorf("open: %+v", open)
	}
}

// Who has a session tries ten times a minute what an app may have called its own.
func TestBindIsThrottled(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	token := h.login(t, m).Token
	for range 10 {
		_, err := h.bind(t, token, authcore.Binding{Secret: "guessed"})
		wantCode(t, err, authcore.CodeForbidden)
	}
	h.browserOf(t, m.user, "secret")
	_, err := h.bind(t, token, authcore.Binding{Secret: "secret"})
	var e *authcore.Error
	if wantCode(t, err, authcore.CodeThrottled); !errors.As(err, &e) || e.Reason != authcore.ReasonRate || e.RetryAfter <= 0 {
		t.Errorf("%+v", e)
	}
	h.later(t, 10*time.Second)
	_, err = h.bind(t, token, authcore.Binding{Secret: "secret"})
	must(t, err)
}

// Only a user binds, through a session of his that stands.
func TestWhoBinds(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.browserOf(t, m.user, "secret")
	l := h.login(t, m)
	me := authcore.ActingUser(h.passes(t, l.Token))
	_, err := h.Sessions.Revoke(t.Context(), authcore.Operator(), l.Session.ID)
	must(t, err)
	for name, actor := range map[string]authcore.Actor{"a session that has ended": me, "nobody": {}, "an operator": authcore.Operator(), "an integrator": erp()} {
		_, err := h.Logins.Bind(t.Context(), actor, attempt(""), authcore.Binding{Secret: "secret"})
		if authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
		_, _, err = h.Logins.BindChallenge(t.Context(), actor, authcore.DeviceRef{})
		if authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			t.Errorf("%s gets a challenge: %v", name, err)
		}
	}
}
