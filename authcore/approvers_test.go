package authcore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/authcore"
)

const cpf = "43885804816"

// approver lets a user approve on an account.
func (h *house) approver(t testing.TB, a authcore.Account, u authcore.User, document string) authcore.Approver {
	t.Helper()
	who, err := h.Accounts.AddApprover(t.Context(), authcore.Operator(), authcore.Approver{Account: a.ID, UserID: u.ID, Document: document})
	must(t, err)
	return who
}

func TestApproverIsAdded(t *testing.T) {
	h := newCore(t, nil)
	a, u := h.account(t, "padaria"), h.user(t, "alice")
	want := authcore.Approver{
		Account: a.ID, UserID: u.ID, Document: cpf, Phone: "+5511987654321", Email: "alice@example.com", Face: "367195fc-…", CreatedAt: h.clock.Now(),
	}
	added, err := h.Accounts.AddApprover(t.Context(), authcore.Operator(), authcore.Approver{
		Account: "padaria", UserID: "ALICE", Document: " 438.858.048-16", Phone: "+55 (11) 98765-4321", Email: "Alice@Example.COM", Face: want.Face,
	})
	must(t, err)
	if diff := cmp.Diff(want, added); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	h.clock.Turn(time.Second)
	second := h.approver(t, a, h.user(t, "aaron"), "98765432100")
	list, err := h.Accounts.Approvers(t.Context(), authcore.Operator(), "padaria")
	must(t, err)
	if diff := cmp.Diff([]authcore.Approver{want, second}, list); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	h.approver(t, h.account(t, "other"), u, cpf) // of another account
	h.read(t, func(tx authcore.Tx) error {
		events, err := tx.Events(100)
		for _, e := range events {
			if text := e.Action + e.Reason + e.Actor; strings.Contains(text, cpf) || strings.Contains(text, "98765432100") {
				t.Errorf("a document is in the audit trail: %+v", e)
			}
		}
		if i := len(events); i == 0 || events[0].Action != "approver.add" || events[0].UserID != u.ID || events[0].Reason != "other" || events[0].Actor != "operator" {
			t.Errorf("the audit trail has %+v", events)
		}
		return err
	})
}

func TestApproversThatAreRefused(t *testing.T) {
	h := newCore(t, nil)
	a := h.account(t, "padaria")
	h.approver(t, a, h.user(t, "alice"), cpf)
	h.user(t, "bob")
	foreign := h.in(t, "hr", "carol")
	closed := h.account(t, "closed")
	_, err := h.Accounts.Close(t.Context(), authcore.Operator(), closed.ID)
	must(t, err)
	for _, c := range []struct {
		what, account, user, document string
		change                        func(*authcore.Approver)
		code                          authcore.Code
		says                          string
	}{
		{"one who is one", "padaria", "alice", "98765432100", nil, authcore.CodeConflict, "user alice approves on account padaria already"},
		{"another's document", "padaria", "bob", "438.858.048-16", nil, authcore.CodeConflict, "another does with this document"},
		{"ten digits", "padaria", "bob", "4388580481", nil, authcore.CodeInvalid, "11 digits"},
		{"twelve digits", "padaria", "bob", "438858048161", nil, authcore.CodeInvalid, "11 digits"},
		{"no document", "padaria", "bob", "", nil, authcore.CodeInvalid, "11 digits"},
		{"letters", "padaria", "bob", "4388580481x", nil, authcore.CodeInvalid, "11 digits"},
		{"other digits", "padaria", "bob", strings.Repeat("٣", 11), nil, authcore.CodeInvalid, "11 digits"},
		{"no account", "none", "bob", cpf, nil, authcore.CodeNotFound, "no such account"},
		{"no user", "padaria", "none", "98765432100", nil, authcore.CodeNotFound, "no such user"},
		{"one of another tenant", "padaria", foreign.ID, "98765432100", nil, authcore.CodeInvalid, "user carol is of the tenant hr"},
		{"a closed account", "closed", "bob", "98765432100", nil, authcore.CodeConflict, "account closed is closed"},
		{"no number", "padaria", "bob", "98765432100", func(a *authcore.Approver) { a.Phone = "home" }, authcore.CodeInvalid, "phone number"},
		{"no address", "padaria", "bob", "98765432100", func(a *authcore.Approver) { a.Email = "home" }, authcore.CodeInvalid, "e-mail address"},
		{"a long face", "padaria", "bob", "98765432100", func(a *authcore.Approver) { a.Face = strings.Repeat("a", 257) }, authcore.CodeInvalid, "256 bytes"},
		{"a face of two lines", "padaria", "bob", "98765432100", func(a *authcore.Approver) { a.Face = "a\nb" }, authcore.CodeInvalid, "one line"},
	} {
		n := authcore.Approver{Account: c.account, UserID: c.user, Document: c.document}
		if c.change != nil {
			c.change(&n)
		}
		_, err := h.Accounts.AddApprover(t.Context(), authcore.Operator(), n)
		if authcore.CodeOf(err) != c.code || !strings.Contains(authcore.MessageOf(err), c.says) {
			t.Errorf("%s: %v, want %s and %q", c.what, err, c.code, c.says)
		}
		if c.document != "" && strings.Contains(authcore.MessageOf(err), c.document) {
			t.Errorf("%s: the document is in the error: %v", c.what, err)
		}
	}
	list, err := h.Accounts.Approvers(t.Context(), authcore.Operator(), "padaria")
	must(t, err)
	if len(list) != 1 {
		t.Errorf("the approvers are %+v", list)
	}
}

// Who is no approver any more has no devices on the account: what waits is rejected, what
// counted is retired, with what is bound to it. Elsewhere his devices stay.
func TestApproverIsRemoved(t *testing.T) {
	h := newCore(t, nil)
	a, other, u := h.account(t, "padaria"), h.account(t, "other"), h.user(t, "alice")
	want := h.approver(t, a, u, cpf)
	h.approver(t, other, u, cpf)
	h.approver(t, a, h.user(t, "bob"), "98765432100")
	waits, active := h.ownBrowser(t, u, authcore.StatusPending, a.ID), h.ownBrowser(t, u, authcore.StatusActive, a.ID)
	blocked, gone := h.ownBrowser(t, u, authcore.StatusBlocked, a.ID), h.ownBrowser(t, u, authcore.StatusDeactivated, a.ID)
	there, own := h.ownBrowser(t, u, authcore.StatusActive, other.ID), h.ownBrowser(t, u, authcore.StatusActive, "")
	h.asksFor(t, active, authcore.WayPhone)
	h.asksFor(t, there, authcore.WayPhone)
	for _, d := range []authcore.Device{active, there, own} {
		h.actingOn(t, u, d, 0, 0)
	}
	removed, err := h.Accounts.RemoveApprover(t.Context(), authcore.Operator(), "padaria", "alice")
	must(t, err)
	if diff := cmp.Diff(want, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		what   string
		d      authcore.Device
		status authcore.DeviceStatus
		raised int64
		states []authcore.DeviceStatus
	}{
		{"what waits", waits, authcore.StatusRejected, 1, []authcore.DeviceStatus{authcore.StatusRejected}},
		{"what counts", active, authcore.StatusDeactivated, 1, []authcore.DeviceStatus{authcore.StatusDeactivated}},
		{"what is blocked", blocked, authcore.StatusDeactivated, 1, []authcore.DeviceStatus{authcore.StatusDeactivated}},
		{"what is gone", gone, authcore.StatusDeactivated, 0, nil},
		{"that of another account", there, authcore.StatusActive, 0, nil},
		{"his own", own, authcore.StatusActive, 0, nil},
	} {
		got := h.owned(t, c.d.ID)
		if got.Status != c.status || got.Epoch != c.d.Epoch+c.raised {
			t.Errorf("%s is %s in epoch %d, want %s in %d", c.what, got.Status, got.Epoch, c.status, c.d.Epoch+c.raised)
		}
		if diff := cmp.Diff(c.states, h.states(t, c.d)); diff != "" {
			t.Errorf("%s has the history (-want +got):\n%s", c.what, diff)
		}
	}
	for d, state := range map[*authcore.Device]authcore.ApprovalState{
		&waits: authcore.ApprovalRefused, &active: authcore.ApprovalRefused, &there: authcore.ApprovalPending,
	} {
		if got := h.asked(t, *d).State; got != state {
			t.Errorf("the request for %s is %s, want %s", d.Serial, got, state)
		}
	}
	h.read(t, func(tx authcore.Tx) error {
		history, err := tx.History(waits.ID)
		if err == nil && history[0].Reason != authcore.RefusedPerson {
			t.Errorf("what waits was rejected because of %q", history[0].Reason)
		}
		sessions, err := tx.Sessions(u.ID, h.clock.Now())
		if len(sessions) != 2 {
			t.Errorf("open are %+v", sessions)
		}
		for _, s := range sessions {
			if s.ClientDevice == active.ID {
				t.Error("a session is bound to a device that is retired")
			}
		}
		return err
	})
	for action, want := range map[string]map[string]int{
		"approver.remove": {"padaria": 1}, "device.deactivate": {"": 2}, "client.refuse": {authcore.RefusedPerson: 1},
	} {
		if diff := cmp.Diff(want, h.reasons(t, action)); diff != "" {
			t.Errorf("%s leaves the rows (-want +got):\n%s", action, diff)
		}
	}
	_, err = h.Accounts.RemoveApprover(t.Context(), authcore.Operator(), "padaria", "alice")
	wantCode(t, err, authcore.CodeNotFound)
	if authcore.ReasonOf(err) != authcore.ReasonApprover {
		t.Errorf("again: %v", err)
	}
	list, err := h.Accounts.Approvers(t.Context(), authcore.Operator(), "padaria")
	must(t, err)
	if len(list) != 1 || list[0].Document != "98765432100" {
		t.Errorf("the approvers are %+v", list)
	}
}

// An approver is removed with his devices, or not at all.
func TestRemovalOfAnApproverIsWhole(t *testing.T) {
	h := newCore(t, nil)
	a, u := h.account(t, "padaria"), h.user(t, "alice")
	h.approver(t, a, u, cpf)
	d := h.ownBrowser(t, u, authcore.StatusActive, a.ID)
	failed := 0
	for n := 1; ; n++ {
		h.faults.FailNext(n, nil)
		_, err := h.Accounts.RemoveApprover(t.Context(), authcore.Operator(), a.ID, u.ID)
		pending := h.faults.Pending()
		h.faults.Reset()
		if pending {
			must(t, err)
			break
		}
		failed++
		wantCode(t, err, authcore.CodeUnavailable)
		list, err := h.Accounts.Approvers(t.Context(), authcore.Operator(), a.ID)
		must(t, err)
		if got := h.owned(t, d.ID); len(list) != 1 || got.Status != d.Status || got.Epoch != d.Epoch || len(h.states(t, d)) != 0 {
			t.Errorf("call %d failed, and his device is %+v", n, got)
		}
	}
	if failed < 8 {
		t.Errorf("only %d calls failed", failed)
	}
}
