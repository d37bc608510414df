package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// person is an approver who has shown both factors just now, in a session that is bound to
// another device of his.
type person struct {
	actor authcore.Actor
	other string // that device
}

func (d *desk) person(t *testing.T, user string) (p person) {
	t.Helper()
	now := time.Now()
	p.other = uuid.NewString()
	s := authcore.Session{ID: uuid.NewString(), Tenant: authcore.DefaultTenant, ClientDevice: p.other, OTPTime: now, ExpiresAt: now.Add(time.Hour)}
	mustBe(t, d.db.Write(t.Context(), func(tx authcore.Tx) error {
		u, err := tx.UserByLogin(authcore.DefaultTenant, user)
		if err != nil {
			return err
		}
		s.UserID = u.ID
		if err := tx.CreateDevice(authcore.Device{
			ID: p.other, Tenant: u.Tenant, UserID: u.ID, Serial: p.other[:12], Kind: authcore.KindClient, Status: authcore.StatusActive, CreatedAt: now,
		}); err != nil {
			return err
		}
		if err := tx.CreateClient(authcore.Client{DeviceID: p.other}); err != nil {
			return err
		}
		return tx.CreateSession(s)
	}))
	p.actor = authcore.ActingUser(&authcore.Principal{UserID: s.UserID, SessionID: s.ID, AuthTime: now, OTPTime: now})
	return p
}

// CLI-14, law 2: of two who decide at once, wherever they meet, one does: he himself from
// another device, an operator, a token; and a device that is taken away meanwhile lets
// nothing in, nor is let in for longer.
func TestOnePersonDecides(t *testing.T) {
	d := newDesk(t, postgrestest.Start(t))
	alice := d.person(t, "alice")
	approve := func(a authcore.Actor, id string) error {
		_, err := d.Approvals.Approve(t.Context(), a, id, authcore.Origin{})
		return err
	}
	refuse := func(a authcore.Actor, id string) error {
		_, err := d.Approvals.Refuse(t.Context(), a, id, authcore.Origin{})
		return err
	}
	for _, held := range []string{"UPDATE devices SET status", "UPDATE approvals SET state", "UPDATE users SET id"} {
		for name, other := range map[string]func(id, key, token string) error{
			"an approval": func(id, _, _ string) error { return approve(authcore.Operator(), id) },
			"a refusal":   func(id, _, _ string) error { return refuse(authcore.Operator(), id) },
			"a token":     func(_, key, token string) error { return d.validate(t, key, token) },
		} {
			t.Run("approval against "+name+" at "+held, func(t *testing.T) {
				id, key, token := d.waits(t)
				one, second := d.at(held, func() error { return approve(alice.actor, id) }, func() error { return other(id, key, token) })
				got := d.show(t, key)
				won, approved := (one == nil) != (second == nil), one == nil || name != "a refusal"
				if name == "a token" { // one that has approved says so again
					won = second == nil
				}
				if !won || approved != (got.Approval.State == authcore.ApprovalApproved) || len(got.History) != 2 ||
					one != nil && authcore.CodeOf(one) != authcore.CodeConflict {
					t.Errorf("%v, %v; %+v", one, second, got)
				}
			})
		}
		t.Run("approval against disable at "+held, func(t *testing.T) {
			id, key, _ := d.waits(t)
			one, disable := d.at(held, func() error { return approve(alice.actor, id) }, func() error { return d.disable(t, key) })
			got := d.show(t, key)
			if disable != nil || one != nil && authcore.CodeOf(one) != authcore.CodeConflict || got.Status != authcore.StatusDeactivated ||
				(one == nil) != (got.Approval.State == authcore.ApprovalApproved) || (one == nil) != (len(got.History) == 3) {
				t.Errorf("%v, %v; %+v", one, disable, got)
			}
		})
		t.Run("approval against block of the other device at "+held, func(t *testing.T) {
			id, key, _ := d.waits(t)
			him := d.person(t, "alice")
			one, block := d.at(held, func() error { return approve(him.actor, id) }, func() error {
				_, err := d.Devices.Block(t.Context(), authcore.Operator(), him.other)
				return err
			})
			if got := d.show(t, key); block != nil || one != nil && authcore.CodeOf(one) != authcore.CodeUnauthenticated || (one == nil) != (got.Status == authcore.StatusActive) {
				t.Errorf("%v, %v; %+v", one, block, got)
			}
		})
	}
}

// waits is a device of alice's that waits for a token.
func (d *desk) waits(t *testing.T) (id, key, token string) {
	t.Helper()
	key = uuid.NewString()
	mustBe(t, d.ask(t, key, 0))
	return d.show(t, key).Device.ID, key, d.outbox.Last(t).Code
}
