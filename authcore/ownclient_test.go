package authcore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// both has a phone and an e-mail address.
func both(u *authcore.User) { u.Email, u.Phone = u.Name+"@example.com", "+79001234567" }

func (h *house) askOwn(t testing.TB, actor authcore.Actor, name string, way authcore.ApprovalWay) (authcore.ClientDevice, string) {
	t.Helper()
	d, secret, err := h.Approvals.AskOwn(t.Context(), actor, authcore.OwnRequest{Name: name, Way: way})
	must(t, err)
	return d, secret
}

// clients are the client devices of a user that are not gone.
func (h *house) clients(t testing.TB, u authcore.User) (list []authcore.Device) {
	t.Helper()
	h.read(t, func(tx authcore.Tx) error {
		devices, err := tx.Devices(u.Tenant, u.ID)
		for _, d := range devices {
			if d.Kind == authcore.KindClient {
				list = append(list, d)
			}
		}
		return err
	})
	return list
}

// CLI-01: a browser that asks is let in by the token that goes to its user's own address,
// and known by its secret, of which the store has the digest.
func TestOwnBrowserByToken(t *testing.T) {
	for way, to := range map[authcore.ApprovalWay]string{authcore.WayPhone: "+79001234567", authcore.WayEmail: "alice@example.com"} {
		t.Run(string(way), func(t *testing.T) {
			h, outbox := phones(t, nil)
			u := h.person(t, "alice", both)
			me := h.acting(u, 2*time.Hour, time.Hour) // a session with a code is enough
			d, secret, err := h.Approvals.AskOwn(t.Context(), me, authcore.OwnRequest{Name: " Firefox, Linux", Way: way, Language: "pt"})
			must(t, err)
			sent, digest := outbox.Last(t), sha256.Sum256([]byte(secret))
			if d.Status != authcore.StatusPending || d.Name != "Firefox, Linux" || len(d.Serial) != 12 || d.UserID != u.ID || d.Account != "" ||
				len(secret) != 26 || string(d.Client.Secret) != string(digest[:]) || d.Approval.Way != way || len(d.Approval.Token) != 0 {
				t.Errorf("it is %+v", d)
			}
			if sent.To != to || sent.Language != "pt" || len(sent.Code) != 6 || !strings.Contains(sent.Text, sent.Code) || !strings.Contains(sent.Text, "Firefox, Linux") ||
				!sent.ExpiresAt.Equal(h.clock.Now().Add(authcore.TokenLife)) {
				t.Errorf("sent %+v", sent)
			}
			_, err = h.Approvals.ValidateOwn(t.Context(), me, secret, "222222", authcore.Origin{})
			wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
			if own, err := h.Approvals.Own(t.Context(), me, secret); err != nil || own.Status != authcore.StatusPending || own.Approval.Tries != 1 {
				t.Errorf("waiting: %+v, %v", own, err)
			}
			got, err := h.Approvals.ValidateOwn(t.Context(), me, secret, " "+strings.ToUpper(sent.Code)+"\n", authcore.Origin{})
			must(t, err)
			if own, err := h.Approvals.Own(t.Context(), me, secret); err != nil || own.Status != authcore.StatusActive || got.Status != authcore.StatusActive ||
				len(own.History) != 2 || own.History[0].Status != authcore.StatusPending || own.History[1].Status != authcore.StatusActive {
				t.Errorf("let in: %+v, %v", own, err)
			}
			asks, tries := h.reasons(t, "client.ask"), h.reasons(t, "client.try")
			if asks[""] != 1 || tries["wrong_code"] != 1 || h.reasons(t, "client.token")[""] != 1 || h.reasons(t, "client.approve")[""] != 1 {
				t.Errorf("rows: %v, %v", asks, tries)
			}
		})
	}
}

// CLI-02: whose secret it is shows it; to everybody else, and for any other, there is no
// such device, pending or not.
func TestOwnBrowserIsItsUsersAlone(t *testing.T) {
	h, outbox := phones(t, nil)
	alice, bob := h.person(t, "alice", both), h.person(t, "bob", mail)
	_, secret := h.askOwn(t, h.fresh(alice), "hers", authcore.WayPhone)
	code := outbox.Last(t).Code
	for _, c := range []struct {
		actor  authcore.Actor
		secret string
		want   authcore.Code
	}{
		{h.fresh(bob), secret, authcore.CodeNotFound},
		{h.fresh(alice), secret + "x", authcore.CodeNotFound},
		{h.fresh(alice), "", authcore.CodeNotFound},
		{authcore.Operator(), secret, authcore.CodeForbidden},
		{erp(), secret, authcore.CodeForbidden},
		{authcore.Actor{}, secret, authcore.CodeForbidden},
	} {
		_, err := h.Approvals.Own(t.Context(), c.actor, c.secret)
		wantCode(t, err, c.want)
		_, err = h.Approvals.ValidateOwn(t.Context(), c.actor, c.secret, code, authcore.Origin{})
		wantCode(t, err, c.want)
		_, err = h.Approvals.ResendOwn(t.Context(), c.actor, c.secret, "", authcore.Origin{})
		wantCode(t, err, c.want)
	}
	for _, actor := range []authcore.Actor{authcore.Operator(), erp(), {}} {
		_, _, err := h.Approvals.AskOwn(t.Context(), actor, authcore.OwnRequest{Name: "x", Way: authcore.WayPhone})
		wantCode(t, err, authcore.CodeForbidden)
		_, err = h.Approvals.OwnWays(t.Context(), actor)
		wantCode(t, err, authcore.CodeForbidden)
		wantCode(t, h.Approvals.SetStrict(t.Context(), actor, true), authcore.CodeForbidden)
	}
	if n := h.reasons(t, "client.try"); len(n) != 0 || outbox.Sent() != 1 {
		t.Errorf("tries of others: %v; %d sent", n, outbox.Sent())
	}
}

// CLI-03: what asks, sends anew or shows a token does it in a session that stands.
func TestOwnBrowserWithoutASession(t *testing.T) {
	h, outbox := phones(t, nil)
	u := h.person(t, "alice", both)
	me := h.fresh(u)
	_, secret := h.askOwn(t, me, "mine", authcore.WayPhone)
	_, err := h.Sessions.RevokeOthers(t.Context(), h.fresh(u))
	must(t, err)
	_, _, err = h.Approvals.AskOwn(t.Context(), me, authcore.OwnRequest{Name: "another", Way: authcore.WayPhone})
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Approvals.ResendOwn(t.Context(), me, secret, "", authcore.Origin{})
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Approvals.ValidateOwn(t.Context(), me, secret, outbox.Last(t).Code, authcore.Origin{})
	wantCode(t, err, authcore.CodeUnauthenticated)
	wantCode(t, h.Approvals.SetStrict(t.Context(), me, true), authcore.CodeUnauthenticated)
	if len(h.clients(t, u)) != 1 || outbox.Sent() != 1 {
		t.Errorf("%d devices, %d sent", len(h.clients(t, u)), outbox.Sent())
	}
}

// CLI-04: a new token voids the old one, and keeps the count; five wrong ones of all refuse
// the request.
func TestOwnTokenAgain(t *testing.T) {
	h, outbox := phones(t, nil)
	me := h.fresh(h.person(t, "alice", both))
	_, secret := h.askOwn(t, me, "mine", authcore.WayEmail)
	first := outbox.Last(t).Code
	for range 3 {
		_, err := h.Approvals.ValidateOwn(t.Context(), me, secret, "zzzzz9", authcore.Origin{})
		wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	}
	d, err := h.Approvals.ResendOwn(t.Context(), me, secret, "ru", authcore.Origin{})
	must(t, err)
	if m := outbox.Last(t); outbox.Sent() != 2 || m.To != "alice@example.com" || m.Language != "ru" || !strings.Contains(m.Text, "mine") || d.Approval.Tries != 3 {
		t.Errorf("sent %+v for %+v", m, d.Approval)
	}
	_, err = h.Approvals.ValidateOwn(t.Context(), me, secret, first, authcore.Origin{})
	wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	_, err = h.Approvals.ValidateOwn(t.Context(), me, secret, "zzzzz9", authcore.Origin{})
	wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	_, err = h.Approvals.ValidateOwn(t.Context(), me, secret, outbox.Last(t).Code, authcore.Origin{})
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonTries)
	if own, err := h.Approvals.Own(t.Context(), me, secret); err != nil || own.Status != authcore.StatusRejected || own.History[1].Reason != authcore.RefusedTries {
		t.Errorf("%+v, %v", own, err)
	}
}

// CLI-05: what was not sent leaves nothing, and costs nothing that surely was not; after
// ten in an hour none is sent.
func TestOwnTokenUndelivered(t *testing.T) {
	h, outbox := phones(t, nil)
	u := h.person(t, "alice", both)
	me := h.fresh(u)
	for name, fail := range map[string]error{"not": authcore.Unavailable(errors.New("away")), "maybe": errors.New("away")} {
		outbox.Fail = func(context.Context, authcore.Message) error { return fail }
		_, secret, err := h.Approvals.AskOwn(t.Context(), me, authcore.OwnRequest{Name: name, Way: authcore.WayPhone})
		wantReason(t, err, authcore.CodeUnavailable, authcore.ReasonUndelivered)
		if secret != "" || len(h.clients(t, u)) != 0 {
			t.Errorf("%s sent: %d devices", name, len(h.clients(t, u)))
		}
	}
	outbox.Fail = nil
	_, secret := h.askOwn(t, me, "mine", authcore.WayPhone)
	outbox.Fail = func(context.Context, authcore.Message) error { return authcore.Unavailable(errors.New("away")) }
	_, err := h.Approvals.ResendOwn(t.Context(), me, secret, "", authcore.Origin{})
	wantReason(t, err, authcore.CodeUnavailable, authcore.ReasonUndelivered)
	_, err = h.Approvals.ValidateOwn(t.Context(), me, secret, outbox.Last(t).Code, authcore.Origin{})
	wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode) // it is void
	outbox.Fail = nil
	for range 8 {
		_, err = h.Approvals.ResendOwn(t.Context(), me, secret, "", authcore.Origin{})
		must(t, err)
	}
	_, err = h.Approvals.ResendOwn(t.Context(), me, secret, "", authcore.Origin{})
	wantReason(t, err, authcore.CodeThrottled, authcore.ReasonPaused)
	_, _, err = h.Approvals.AskOwn(t.Context(), me, authcore.OwnRequest{Name: "another", Way: authcore.WayPhone})
	wantReason(t, err, authcore.CodeThrottled, authcore.ReasonPaused)
	if n := h.reasons(t, "client.token"); len(h.clients(t, u)) != 1 || n["send_user"] != 2 || n["undelivered"] != 3 {
		t.Errorf("%d devices, rows %v", len(h.clients(t, u)), n)
	}
}

// CLI-06: asking again takes the place of what waits in the same name, and of what nobody
// decided about in time; what counts, or was asked for by an app, stays. A user has twenty
// beside those of apps.
func TestOwnBrowserAskedForAgain(t *testing.T) {
	h, _ := phones(t, nil)
	u := h.person(t, "alice", both)
	me := h.fresh(u)
	app := h.ownBrowser(t, u, authcore.StatusPending, h.accountOf(t, u, authcore.AccountActive))
	kept := h.ownBrowser(t, u, authcore.StatusActive, "")
	for _, d := range []authcore.Device{app, kept} {
		h.write(t, func(tx authcore.Tx) error { return tx.RenameDevice(d.ID, "laptop") })
	}
	_, first := h.askOwn(t, me, "laptop", authcore.WayDevice)
	_, other := h.askOwn(t, me, "phone", authcore.WayDevice)
	_, second := h.askOwn(t, me, "laptop ", authcore.WayDevice)
	_, err := h.Approvals.Own(t.Context(), me, first)
	wantCode(t, err, authcore.CodeNotFound)
	for _, secret := range []string{other, second} {
		_, err := h.Approvals.Own(t.Context(), me, secret)
		must(t, err)
	}
	for n := 3; n < authcore.MaxClients; n++ { // the app's has a place of its own
		h.askOwn(t, me, fmt.Sprint(n), authcore.WayDevice)
	}
	_, _, err = h.Approvals.AskOwn(t.Context(), me, authcore.OwnRequest{Name: "one too many", Way: authcore.WayDevice})
	wantCode(t, err, authcore.CodeConflict)
	h.askOwn(t, me, "phone", authcore.WayDevice)
	if n := len(h.clients(t, u)); n != authcore.MaxClients+1 {
		t.Errorf("he has %d", n)
	}
	h.clock.Turn(24 * time.Hour)
	h.askOwn(t, h.fresh(u), "a day later", authcore.WayDevice)
	if n := len(h.clients(t, u)); n != 3 {
		t.Errorf("a day later he has %d", n)
	}
	_, _, err = h.Approvals.AskOwn(t.Context(), h.fresh(u), authcore.OwnRequest{Name: "a\u202eb", Way: authcore.WayDevice})
	wantCode(t, err, authcore.CodeInvalid)
}
