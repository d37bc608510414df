package authcore_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// account is one in the default tenant, with u for an approver.
func (h *house) accountOf(t testing.TB, u authcore.User, status authcore.AccountStatus) string {
	t.Helper()
	a := authcore.Account{ID: uuid.NewString(), Tenant: u.Tenant, Name: uuid.NewString(), Status: status, CreatedAt: h.clock.Now()}
	h.write(t, func(tx authcore.Tx) error {
		if err := tx.CreateAccount(a); err != nil {
			return err
		}
		return tx.CreateApprover(authcore.Approver{Account: a.ID, UserID: u.ID, Document: "12345678901"})
	})
	return a.ID
}

// deciding is what may be done with what waits.
var deciding = map[string]func(*testing.T, *house, authcore.Actor, authcore.Device) error{
	"approve": func(t *testing.T, h *house, a authcore.Actor, d authcore.Device) error {
		_, err := h.Approvals.Approve(t.Context(), a, d.ID, authcore.Origin{})
		return err
	},
	"refuse": func(t *testing.T, h *house, a authcore.Actor, d authcore.Device) error {
		_, err := h.Approvals.Refuse(t.Context(), a, d.ID, authcore.Origin{})
		return err
	},
}

// CLI-10, CLI-11: who decides shows both factors anew, and lets a device in from another
// one of his that counts: who stole a password and a code lets nothing in. To refuse he
// needs no device.
func TestWhoDecides(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.user(t, "alice"), h.user(t, "bob")
	const active, blocked, pending = authcore.StatusActive, authcore.StatusBlocked, authcore.StatusPending
	on := func(status authcore.DeviceStatus, account string) func(authcore.Device) authcore.Actor {
		return func(authcore.Device) authcore.Actor { return h.on(t, alice, h.ownBrowser(t, alice, status, account)) }
	}
	ended := func(authcore.Device) authcore.Actor {
		actor := h.on(t, alice, h.ownBrowser(t, alice, active, ""))
		_, err := h.Sessions.RevokeOthers(t.Context(), h.fresh(alice))
		must(t, err)
		return actor
	}
	const step, forbidden, ok = authcore.CodeStepUp, authcore.CodeForbidden, authcore.Code("")
	for _, c := range []struct {
		name            string
		who             func(waits authcore.Device) authcore.Actor
		approve, refuse authcore.Code
		reason          authcore.Reason // of an approval
	}{
		{"on another browser", on(active, ""), ok, ok, ""},
		{"on another device of an account", on(active, h.accountOf(t, alice, authcore.AccountActive)), ok, ok, ""},
		{"on a device of a blocked account", on(active, h.accountOf(t, alice, authcore.AccountBlocked)), forbidden, ok, authcore.ReasonClientDevice},
		{"on a device of a closed account", on(active, h.accountOf(t, alice, authcore.AccountClosed)), forbidden, ok, authcore.ReasonClientDevice},
		{"on a blocked one", on(blocked, ""), forbidden, ok, authcore.ReasonClientDevice},
		{"on a deactivated one", on(authcore.StatusDeactivated, ""), forbidden, ok, authcore.ReasonClientDevice},
		{"on one that waits", on(pending, ""), forbidden, ok, authcore.ReasonClientDevice},
		{"on none", func(authcore.Device) authcore.Actor { return h.fresh(alice) }, forbidden, ok, authcore.ReasonClientDevice},
		{"on itself", func(d authcore.Device) authcore.Actor { return h.on(t, alice, d) }, forbidden, ok, authcore.ReasonClientDevice},
		{"on somebody else's", func(authcore.Device) authcore.Actor {
			return h.on(t, alice, h.ownBrowser(t, bob, active, ""))
		}, forbidden, ok, authcore.ReasonClientDevice},
		{"on a code generator", func(authcore.Device) authcore.Actor {
			return h.on(t, alice, authcore.Device{ID: h.put(t, alice, authcore.KindTOTP, active)})
		}, forbidden, ok, authcore.ReasonClientDevice},
		{"on one that is gone", func(authcore.Device) authcore.Actor {
			return h.on(t, alice, authcore.Device{ID: uuid.NewString()})
		}, forbidden, ok, authcore.ReasonClientDevice},
		{"with an old password", func(authcore.Device) authcore.Actor {
			return h.actingOn(t, alice, h.ownBrowser(t, alice, active, ""), 11*time.Minute, 0)
		}, step, step, ""},
		{"with an old code", func(authcore.Device) authcore.Actor {
			return h.actingOn(t, alice, h.ownBrowser(t, alice, active, ""), 0, 11*time.Minute)
		}, step, step, ""},
		{"after the session", ended, authcore.CodeUnauthenticated, authcore.CodeUnauthenticated, ""},
		{"another user", func(authcore.Device) authcore.Actor { return h.on(t, bob, h.ownBrowser(t, bob, active, "")) }, authcore.CodeNotFound, authcore.CodeNotFound, authcore.ReasonNoDevice},
		{"an integrator", func(authcore.Device) authcore.Actor { return erp() }, forbidden, forbidden, ""},
		{"nobody", func(authcore.Device) authcore.Actor { return authcore.Actor{} }, forbidden, forbidden, ""},
		{"an operator", func(authcore.Device) authcore.Actor { return authcore.Operator() }, ok, ok, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for verb, want := range map[string]authcore.Code{"approve": c.approve, "refuse": c.refuse} {
				d := h.ownBrowser(t, alice, pending, "")
				err := deciding[verb](t, h, c.who(d), d)
				state, status := authcore.ApprovalPending, pending
				switch {
				case want != ok:
					if wantCode(t, err, want); verb == "approve" && authcore.ReasonOf(err) != c.reason {
						t.Errorf("the reason is %q, want %q", authcore.ReasonOf(err), c.reason)
					}
				case err != nil:
					t.Errorf("%s: %v", verb, err)
				case verb == "approve":
					state, status = authcore.ApprovalApproved, active
				default:
					state, status = authcore.ApprovalRefused, authcore.StatusRejected
				}
				if a, now := h.asked(t, d), h.owned(t, d.ID); a.State != state || now.Status != status {
					t.Errorf("after %s it is %s and %s, want %s and %s", verb, a.State, now.Status, state, status)
				}
				h.write(t, func(tx authcore.Tx) error { return tx.RemoveDevice(d.ID) })
			}
		})
	}
	// Who never decides does not learn what there is to decide.
	for verb, decide := range deciding {
		for name, actor := range map[string]authcore.Actor{"an integrator": erp(), "nobody": {}} {
			if err := decide(t, h, actor, authcore.Device{ID: "no such device"}); authcore.CodeOf(err) != forbidden {
				t.Errorf("%s may %s: %v", name, verb, err)
			}
		}
	}
}

// CLI-12: a refused device has the reason in its history, and opens nothing more.
func TestRefusing(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d := h.ownBrowser(t, u, authcore.StatusPending, "")
	got, err := h.Approvals.Refuse(t.Context(), h.fresh(u), d.Serial, authcore.Origin{})
	must(t, err)
	if got.Status != authcore.StatusRejected || got.Epoch != d.Epoch+1 {
		t.Errorf("refused: %+v", got)
	}
	h.read(t, func(tx authcore.Tx) error {
		history, err := tx.History(d.ID)
		if len(history) != 1 || history[0].Status != authcore.StatusRejected || history[0].Reason != authcore.RefusedPerson {
			t.Errorf("the history is %+v", history)
		}
		return err
	})
}

// CLI-12: what is decided, too old or not asked for is neither approved nor refused, by
// nobody; nor what its account does not want any more.
func TestNothingToDecide(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	decided := func(verb string) authcore.Device {
		d := h.ownBrowser(t, u, authcore.StatusPending, "")
		must(t, deciding[verb](t, h, authcore.Operator(), d))
		return d
	}
	approved, refused := decided("approve"), decided("refuse")
	blocked := decided("approve")
	_, err := h.Devices.Block(t.Context(), authcore.Operator(), blocked.ID)
	must(t, err)
	blocked = h.owned(t, blocked.ID)
	h.asksFor(t, blocked, authcore.WayDevice) // none could ask, but were there one
	removed := h.ownBrowser(t, u, authcore.StatusPending, "")
	_, err = h.Devices.Deactivate(t.Context(), authcore.Operator(), removed.ID)
	must(t, err)
	old := h.ownBrowser(t, u, authcore.StatusPending, "")
	h.clock.Turn(24 * time.Hour)
	registered := h.ownBrowser(t, u, authcore.StatusActive, "")
	for name, d := range map[string]authcore.Device{
		"approved": approved, "refused": refused, "removed": removed, "too old": old, "never asked for": registered,
		"no client device": {ID: h.put(t, u, authcore.KindTOTP, authcore.StatusPending)},
	} {
		for verb, decide := range deciding {
			for who, actor := range map[string]authcore.Actor{"he": h.on(t, u, registered), "an operator": authcore.Operator()} {
				if name == "never asked for" && who == "he" {
					actor = h.on(t, u, h.ownBrowser(t, u, authcore.StatusActive, ""))
				}
				err := decide(t, h, actor, d)
				if authcore.CodeOf(err) != authcore.CodeConflict {
					t.Errorf("%s can %s what is %s: %v", who, verb, name, err)
				}
				if says := "has waited for too long"; err != nil && strings.Contains(err.Error(), says) != (name == "too old") {
					t.Errorf("what is %s is told %q", name, err)
				}
			}
		}
	}
	wantCode(t, deciding["approve"](t, h, authcore.Operator(), blocked), authcore.CodeConflict)
	if got := h.owned(t, blocked.ID).Status; got != authcore.StatusBlocked {
		t.Errorf("a blocked one is %s", got)
	}
	for _, status := range []authcore.AccountStatus{authcore.AccountBlocked, authcore.AccountClosed} {
		d := h.ownBrowser(t, u, authcore.StatusPending, h.accountOf(t, u, status))
		wantReason(t, deciding["approve"](t, h, h.on(t, u, registered), d), authcore.CodeConflict, authcore.ReasonAccountClosed)
		must(t, deciding["refuse"](t, h, h.fresh(u), d))
	}
}

// CLI-12: a newer request for a device that counts gives it other marks when it is
// approved, and takes nothing from it when it is refused.
func TestDecidingAboutADeviceThatCounts(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	other := sha256.Sum256([]byte("another secret"))
	for verb, decide := range deciding {
		d := h.ownBrowser(t, u, authcore.StatusActive, "")
		a := h.asksFor(t, d, authcore.WayDevice)
		a.Secret = other[:]
		h.write(t, func(tx authcore.Tx) error { return tx.PutApproval(a) })
		if verb == "approve" { // it counts, and still lets nothing in for itself
			wantReason(t, decide(t, h, h.on(t, u, d), d), authcore.CodeForbidden, authcore.ReasonClientDevice)
		}
		must(t, decide(t, h, h.on(t, u, h.ownBrowser(t, u, authcore.StatusActive, "")), d))
		h.read(t, func(tx authcore.Tx) error {
			c, err := tx.Client(d.ID)
			if changed := string(c.Secret) == string(other[:]); changed != (verb == "approve") {
				t.Errorf("%s: its secret changed: %t", verb, changed)
			}
			return err
		})
		if now := h.owned(t, d.ID); now.Status != authcore.StatusActive || now.Epoch != d.Epoch {
			t.Errorf("%s: %+v", verb, now)
		}
	}
}

// CLI-13: everybody sees what waits for him, of his accounts and browsers, the oldest
// first, and nothing that is over.
func TestWaiting(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.user(t, "alice"), h.user(t, "bob")
	late := h.ownBrowser(t, alice, authcore.StatusPending, "")
	h.clock.Turn(24 * time.Hour)
	account := h.accountOf(t, alice, authcore.AccountActive)
	first := h.ownBrowser(t, alice, authcore.StatusPending, account)
	h.clock.Turn(time.Minute)
	second := h.ownBrowser(t, alice, authcore.StatusPending, "")
	must(t, deciding["refuse"](t, h, h.fresh(alice), h.ownBrowser(t, alice, authcore.StatusPending, "")))
	h.ownBrowser(t, bob, authcore.StatusPending, "")
	list, err := h.Approvals.Waiting(t.Context(), h.fresh(alice))
	must(t, err)
	if len(list) != 2 || list[0].Device.ID != first.ID || list[1].Device.ID != second.ID || list[0].Account != account ||
		list[0].Document != "12345678901" || list[1].Approval.State != authcore.ApprovalPending || len(list[0].Approval.Token) != 0 {
		t.Errorf("%+v wait, and not %s", list, late.ID)
	}
	for _, actor := range []authcore.Actor{authcore.Operator(), erp(), {}} {
		_, err := h.Approvals.Waiting(t.Context(), actor)
		wantCode(t, err, authcore.CodeForbidden)
	}
}
