package authcore_test

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// DEV-01: an invitation lets a user with his password enrol a device, once,
// though a first device needs an operator here, and though he had one.
func TestInvitation(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.InviteFirst = true })
	h.user(t, "alice")
	v := h.verified(t, "alice")
	token := h.invite(t, "alice").Token
	for _, bad := range []string{"", token[:25], token + " ", strings.ToLower(token)} {
		_, err := h.Logins.Invited(t.Context(), v, bad)
		wantCode(t, err, authcore.CodeForbidden)
	}
	invited, err := h.Logins.Invited(t.Context(), v, token)
	must(t, err)
	if ways, err := h.Logins.Ways(t.Context(), v); err != nil || len(ways.Enrol) != 0 {
		t.Errorf("without it: %+v, %v", ways, err)
	}
	ticket, err := h.Logins.Ticket(invited)
	must(t, err)
	if bytes.Contains([]byte(ticket), []byte(token)) {
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
	_, err = h.Logins.Invited(t.Context(), v, token) // once
	wantCode(t, err, authcore.CodeForbidden)
	_, _, err = h.Logins.Resume(t.Context(), attempt(""), ticket)
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Logins.SetApp(t.Context(), invited)
	wantCode(t, err, authcore.CodeForbidden)
	again, err := h.Logins.Invited(t.Context(), v, h.invite(t, "alice").Token)
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
	h.user(t, "alice")
	h.user(t, "bob")
	token := h.invite(t, "alice").Token
	_, err := h.Logins.Invited(t.Context(), h.verified(t, "bob"), token)
	wantCode(t, err, authcore.CodeForbidden)
	_, err = h.Logins.Invited(t.Context(), nil, token)
	wantCode(t, err, authcore.CodeUnauthenticated)
	v := h.verified(t, "alice")
	h.clock.Turn(24*time.Hour - time.Second)
	_, err = h.Logins.Invited(t.Context(), v, token)
	must(t, err)
	h.clock.Turn(time.Second)
	_, err = h.Logins.Invited(t.Context(), v, token)
	wantCode(t, err, authcore.CodeForbidden)
}

// Law 2: of many who enrol with one invitation at once, one does.
func TestOneOfManyInvitedWins(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	token := h.invite(t, "alice").Token
	invited, err := h.Logins.Invited(t.Context(), m.verified, token)
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
