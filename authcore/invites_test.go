package authcore_test

import (
	"bytes"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// invite stores an invitation for a user, made now.
func (h *house) invite(t testing.TB, u authcore.User, token string) {
	t.Helper()
	sum := sha256.Sum256([]byte(token))
	h.write(t, func(tx authcore.Tx) error {
		return tx.PutInvite(authcore.Invite{
			UserID: u.ID, Digest: sum[:], CreatedAt: h.clock.Now(), ExpiresAt: h.clock.Now().Add(authcore.InviteLifetime),
		})
	})
}

// DEV-01: an invitation lets a user with his password enrol a device, once,
// though a first device needs an operator here, and though he had one.
func TestInvitation(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.InviteFirst = true })
	u := h.user(t, "alice")
	v := h.verified(t, "alice")
	h.invite(t, u, "let me in")
	for _, bad := range []string{"", "let me i", "let me in ", "LET ME IN"} {
		_, err := h.Logins.Invited(t.Context(), v, bad)
		wantCode(t, err, authcore.CodeForbidden)
	}
	invited, err := h.Logins.Invited(t.Context(), v, "let me in")
	must(t, err)
	if ways, err := h.Logins.Ways(t.Context(), v); err != nil || len(ways.Enrol) != 0 {
		t.Errorf("without it: %+v, %v", ways, err)
	}
	ticket, err := h.Logins.Ticket(invited)
	must(t, err)
	if bytes.Contains([]byte(ticket), []byte("let me in")) {
		t.Error("the ticket shows the invitation")
	}
	invited, _, err = h.Logins.Resume(t.Context(), attempt(""), ticket)
	must(t, err)
	if ways, err := h.Logins.Ways(t.Context(), invited); err != nil || len(ways.Enrol) != 1 {
		t.Errorf("with it: %+v, %v", ways, err)
	}
	app, err := h.Logins.SetApp(t.Context(), invited)
	must(t, err)
	code := authtest.TOTP(t, app.Secret, h.clock.Now())
	_, err = h.Logins.Second(t.Context(), v, code)
	wantCode(t, err, authcore.CodeUnauthenticated)
	login, err := h.Logins.Second(t.Context(), invited, code)
	must(t, err)
	if !login.Activated {
		t.Errorf("login %+v", login)
	}
	_, err = h.Logins.Invited(t.Context(), v, "let me in") // once
	wantCode(t, err, authcore.CodeForbidden)
	_, _, err = h.Logins.Resume(t.Context(), attempt(""), ticket)
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Logins.SetApp(t.Context(), invited)
	wantCode(t, err, authcore.CodeForbidden)
	h.invite(t, u, "and another")
	again, err := h.Logins.Invited(t.Context(), v, "and another")
	must(t, err)
	if app, err = h.Logins.SetApp(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	_, err = h.Logins.Second(t.Context(), again, authtest.TOTP(t, app.Secret, h.clock.Now()))
	must(t, err)
}

// An invitation is one user's, for 24 hours, with his password.
func TestInvitationsThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	h.user(t, "bob")
	h.invite(t, u, "let me in")
	_, err := h.Logins.Invited(t.Context(), h.verified(t, "bob"), "let me in")
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Logins.Invited(t.Context(), nil, "let me in")
	wantCode(t, err, authcore.CodeUnauthenticated)
	v := h.verified(t, "alice")
	h.clock.Turn(24*time.Hour - time.Second)
	_, err = h.Logins.Invited(t.Context(), v, "let me in")
	must(t, err)
	h.clock.Turn(time.Second)
	_, err = h.Logins.Invited(t.Context(), v, "let me in")
	wantCode(t, err, authcore.CodeForbidden)
}

// Law 2: of many who enrol with one invitation at once, one does.
func TestOneOfManyInvitedWins(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	h.invite(t, m.user, "let me in")
	invited, err := h.Logins.Invited(t.Context(), m.verified, "let me in")
	must(t, err)
	app, err := h.Logins.SetApp(t.Context(), invited)
	must(t, err)
	code := authtest.TOTP(t, app.Secret, h.clock.Now())
	var won atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if login, err := h.Logins.Second(t.Context(), invited, code); err == nil && login.Activated {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}
