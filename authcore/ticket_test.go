package authcore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// A ticket stands for the password, for ten minutes, at one site and one door,
// until something ends the user's sessions. It is no token.
func TestTicket(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	ticket, err := h.Logins.Ticket(m.verified)
	must(t, err)
	refused := func(t *testing.T, a authcore.Attempt, ticket string) {
		t.Helper()
		v, _, err := h.Logins.Resume(t.Context(), a, ticket)
		wantCode(t, err, authcore.CodeUnauthenticated)
		if v != nil {
			t.Error("a refusal came with a Verified")
		}
	}
	v, purpose, err := h.Logins.Resume(t.Context(), attempt(""), ticket)
	must(t, err)
	if purpose != authcore.TicketLogin {
		t.Errorf("purpose %q", purpose)
	}
	shown := h.clock.Now()
	h.clock.Turn(time.Minute)
	login, err := h.Logins.Second(t.Context(), v, m.code(t))
	must(t, err)
	if !login.Session.AuthTime.Equal(shown) {
		t.Errorf("the password was shown at %v, not %v", shown, login.Session.AuthTime)
	}
	h.refresh(t)
	h.refuses(t, ticket)
	other := attempt("")
	other.Audience = "other"
	refused(t, other, ticket)
	other = attempt("")
	other.ClientID = "other"
	refused(t, other, ticket)
	for _, bad := range []string{"", "x", ticket[1:], ticket + "A", strings.ToLower(ticket), strings.Repeat("A", 5000), login.Token} {
		refused(t, attempt(""), bad)
	}
	old, err := h.Logins.Ticket(m.verified)
	must(t, err)
	h.clock.Turn(10 * time.Minute)
	refused(t, attempt(""), old)
	for name, end := range map[string]func() error{
		"a new password": func() error {
			_, err := h.Users.SetPassword(t.Context(), authcore.Operator(), "alice", "another "+password)
			return err
		},
		"disabled": func() error { _, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "bob", true); return err },
		"removed":  func() error { _, err := h.Users.Remove(t.Context(), authcore.Operator(), "carol"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			who := map[string]string{"a new password": "alice", "disabled": "bob", "removed": "carol"}[name]
			if who != "alice" {
				h.user(t, who)
			}
			ticket, err := h.Logins.Ticket(h.verified(t, who))
			must(t, err)
			must(t, end())
			refused(t, attempt(""), ticket)
		})
	}
}

// Law 7: who has shown both factors just now replaces his app; the old one
// counts until the new one does, and then all his sessions end.
func TestReplaceApp(t *testing.T) {
	h := newCore(t, nil)
	h.user(t, "alice")
	v := h.verified(t, "alice")
	old := h.next(t, v).Registered
	login, err := h.Logins.Second(t.Context(), v, authtest.TOTP(t, old.Secret, h.clock.Now()))
	must(t, err)
	me := h.passes(t, login.Token)
	ticket, err := h.Logins.ReplaceApp(t.Context(), authcore.ActingUser(me), attempt(""))
	must(t, err)
	by, purpose, err := h.Logins.Resume(t.Context(), attempt(""), ticket)
	must(t, err)
	if purpose != authcore.TicketReplaceApp {
		t.Errorf("purpose %q", purpose)
	}
	next, err := h.Logins.SetApp(t.Context(), by)
	must(t, err)
	h.clock.Turn(time.Minute)
	// A password alone is no way to activate it.
	_, err = h.Logins.Second(t.Context(), v, authtest.TOTP(t, next.Secret, h.clock.Now()))
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Logins.Second(t.Context(), v, authtest.TOTP(t, old.Secret, h.clock.Now()))
	must(t, err)
	h.refresh(t)
	h.passes(t, login.Token)
	codes := h.backups(t, login)
	elsewhere, err := h.Logins.Second(t.Context(), v, codes[0])
	must(t, err)
	h.passes(t, elsewhere.Token)
	replaced, err := h.Logins.Second(t.Context(), by, authtest.TOTP(t, next.Secret, h.clock.Now()))
	must(t, err)
	h.refuses(t, elsewhere.Token) // also those that another device opened
	if !replaced.Activated {
		t.Errorf("login %+v", replaced)
	}
	h.refuses(t, login.Token)
	h.passes(t, replaced.Token)
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	if len(devices) != 3 || devices[0].Status != authcore.StatusDeactivated || devices[1].Status != authcore.StatusActive {
		t.Errorf("devices %+v", devices)
	}
	_, _, err = h.Logins.Resume(t.Context(), attempt(""), ticket) // once
	wantCode(t, err, authcore.CodeUnauthenticated)
}

// What ends the session that both factors were shown for ends its ticket too:
// who stole it has no app in place of the owner's by it (law 7).
func TestReplaceAppEndsWithItsSession(t *testing.T) {
	for name, end := range map[string]func(*house, authcore.Login) error{
		"session": func(h *house, login authcore.Login) error {
			_, err := h.Sessions.Revoke(t.Context(), authcore.Operator(), login.Session.ID)
			return err
		},
		"device": func(h *house, login authcore.Login) error {
			_, err := h.Devices.Block(t.Context(), authcore.Operator(), login.Device.ID)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newCore(t, nil)
			login := h.login(t, h.member(t, "alice"))
			ticket, err := h.Logins.ReplaceApp(t.Context(), authcore.ActingUser(h.passes(t, login.Token)), attempt(""))
			must(t, err)
			by, _, err := h.Logins.Resume(t.Context(), attempt(""), ticket)
			must(t, err)
			app, err := h.Logins.SetApp(t.Context(), by)
			must(t, err)
			must(t, end(h, login))
			_, _, err = h.Logins.Resume(t.Context(), attempt(""), ticket)
			wantCode(t, err, authcore.CodeUnauthenticated)
			// Nor does it help to have come before.
			_, err = h.Logins.Second(t.Context(), by, authtest.TOTP(t, app.Secret, h.clock.Now()))
			wantCode(t, err, authcore.CodeUnauthenticated)
			_, err = h.Logins.SetApp(t.Context(), by)
			wantCode(t, err, authcore.CodeUnauthenticated)
		})
	}
}

// A ticket for another app is none for a phone.
func TestReplaceAppSetsNoPhone(t *testing.T) {
	h, outbox := phones(t, nil)
	login := h.login(t, h.member(t, "alice"))
	ticket, err := h.Logins.ReplaceApp(t.Context(), authcore.ActingUser(h.passes(t, login.Token)), attempt(""))
	must(t, err)
	by, _, err := h.Logins.Resume(t.Context(), attempt(""), ticket)
	must(t, err)
	_, err = h.Logins.SetPhone(t.Context(), by, "+79001234567")
	wantCode(t, err, authcore.CodeForbidden)
	if outbox.Sent() != 0 {
		t.Errorf("%d messages", outbox.Sent())
	}
}
