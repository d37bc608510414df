package authcore_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// Whoever decides is told who asked: an integrator by name, or he himself.
func TestWhoAsked(t *testing.T) {
	b := newBank(t, nil)
	alice := b.acting(t, "alice")
	byApp, _ := b.asked(t, uuid.NewString())
	own, err := b.Approvals.Ask(t.Context(), alice, b.wants(uuid.NewString()))
	must(t, err)
	waiting, err := b.Approvals.Waiting(t.Context(), alice)
	must(t, err)
	if byApp.Approval.AskedBy != "acme" || own.Approval.AskedBy != "" || len(waiting) != 2 || waiting[0].Approval.AskedBy != "acme" || waiting[0].Key != byApp.Key {
		t.Errorf("by an app: %+v, by himself: %+v; what waits: %+v", byApp, own, waiting)
	}
	b.asked(t, own.Key)
	if got := b.show(t, own.Key); got.Approval.AskedBy != "acme" {
		t.Errorf("asked for anew: %+v", got.Approval)
	}
	for ref, want := range map[string]authcore.Code{byApp.Serial: "", byApp.ID: "", "none": authcore.CodeNotFound, b.device(t, "alice", authcore.KindHOTP).Device.ID: authcore.CodeNotFound} {
		got, err := b.Approvals.Get(t.Context(), authcore.Operator(), ref)
		if (err == nil) != (want == "") || err != nil && authcore.CodeOf(err) != want || err == nil && (got.AccountName != "savings" || got.Key != byApp.Key) {
			t.Errorf("%s: %+v, %v", ref, got, err)
		}
	}
	_, err = b.Approvals.Get(t.Context(), b.acting(t, "bob"), byApp.ID)
	wantCode(t, err, authcore.CodeNotFound)
}

// What is done about a client device, and what is refused, says in the audit trail from
// where.
func TestRowsSayFromWhere(t *testing.T) {
	b := newBank(t, nil)
	from := authcore.Origin{Address: "192.0.2.9", RequestID: "r9"}
	key := uuid.NewString()
	d, _ := b.asked(t, key)
	ref := b.ref(key)
	ref.From = from
	bob := b.fresh(b.bob)
	_, secret := b.askOwn(t, bob, "laptop", authcore.WayPhone)
	_, other := b.askOwn(t, bob, "phone", authcore.WayEmail)
	waits, err := b.Approvals.Own(t.Context(), bob, other)
	must(t, err)
	for _, c := range []struct {
		action string
		do     func() error
	}{
		{"integrator.refused", func() error {
			refused(t, failure(b.Approvals.List(t.Context(), b.limited(t, "looker", "show_device"), b.account.ID, from)), authcore.CodeForbidden, authcore.ReasonOperation)
			return nil
		}},
		{"client.token", func() error { return failure(b.Approvals.ResendOwn(t.Context(), bob, secret, "", from)) }},
		{"client.approve", func() error {
			return failure(b.Approvals.ValidateOwn(t.Context(), bob, secret, b.outbox.Last(t).Code, from))
		}},
		{"client.approve", func() error { return failure(b.Approvals.Approve(t.Context(), authcore.Operator(), d.ID, from)) }},
		{"client.refuse", func() error { return failure(b.Approvals.Refuse(t.Context(), authcore.Operator(), waits.ID, from)) }},
		{"device.deactivate", func() error { return failure(b.Approvals.Disable(t.Context(), b.by, ref)) }},
	} {
		must(t, c.do())
		if rows := b.events(t, c.action); len(rows) == 0 || rows[0].Address != from.Address || rows[0].RequestID != from.RequestID {
			t.Errorf("%s: %+v", c.action, rows)
		}
	}
}

// A token that nothing here can send leaves a row for whoever runs this, and nothing else.
func TestTokenThatCannotBeSent(t *testing.T) {
	for name, c := range map[string]struct {
		way    authcore.ApprovalWay
		change func(*authcore.Options)
		reason authcore.Reason
	}{
		"no address": {authcore.WayEmail, nil, authcore.ReasonNoAddress},
		"no channel": {authcore.WayPhone, func(o *authcore.Options) { delete(o.Channels, authcore.KindPhone) }, authcore.ReasonUndelivered},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBank(t, c.change)
			b.write(t, func(tx authcore.Tx) error { // alice has no e-mail address
				return tx.SetUserContacts(b.alice.ID, "", b.alice.Phone)
			})
			r := b.wants(uuid.NewString())
			r.Way = c.way
			refused(t, failure(b.Approvals.Ask(t.Context(), b.by, r)), authcore.CodeUnavailable, c.reason)
			rows := b.events(t, "client.token")
			if len(rows) != 1 || rows[0].Outcome != authcore.OutcomeRefused || rows[0].Reason != string(c.reason) || rows[0].UserID != b.alice.ID ||
				rows[0].Address != r.From.Address || rows[0].RequestID != r.From.RequestID || rows[0].Actor != "integrator:acme" {
				t.Errorf("the audit says %+v", rows)
			}
			if n := b.clients(t, b.alice); len(n) != 0 || len(b.events(t, "client.ask")) != 0 {
				t.Errorf("there is %+v", n)
			}
		})
	}
}

// An operator learns that an approver can be sent nothing, and nobody else does.
func TestWhomATokenReaches(t *testing.T) {
	b := newBank(t, func(o *authcore.Options) { delete(o.Channels, authcore.KindEmail) })
	none := b.person(t, "carol", func(u *authcore.User) { u.Email, u.Phone = "carol@example.com", "" })
	for _, c := range []struct {
		a    authcore.Approver
		want bool
	}{
		{authcore.Approver{UserID: none.ID}, false}, // by e-mail nothing is sent
		{authcore.Approver{UserID: none.ID, Email: "x@example.com"}, false},
		{authcore.Approver{UserID: none.ID, Phone: alicesPhone}, true},
		{authcore.Approver{UserID: b.bob.ID}, true},
	} {
		if got, err := b.Accounts.Reaches(t.Context(), authcore.Operator(), c.a); err != nil || got != c.want {
			t.Errorf("%+v: %v, %v", c.a, got, err)
		}
	}
	_, err := b.Accounts.Reaches(t.Context(), b.by, authcore.Approver{UserID: b.bob.ID})
	wantCode(t, err, authcore.CodeForbidden)
}

// What is refused says what to do, and no more than what was said.
func TestWordsOfRefusals(t *testing.T) {
	b := newBank(t, nil)
	d, _ := b.approved(t, uuid.NewString())
	_, err := b.Approvals.Refuse(t.Context(), authcore.Operator(), d.Serial, authcore.Origin{})
	wantCode(t, err, authcore.CodeConflict)
	if !strings.Contains(err.Error(), "block or deactivate it") {
		t.Errorf("refusing what is active: %v", err)
	}
	_, err = b.Accounts.Add(t.Context(), authcore.Operator(), authcore.NewAccount{Name: "savings"})
	wantCode(t, err, authcore.CodeConflict)
	if strings.Contains(err.Error(), "key") {
		t.Errorf("a key that nobody gave: %v", err)
	}
}
