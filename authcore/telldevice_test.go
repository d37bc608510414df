package authcore_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// CLI-23, DEV-10: who let a client device in is told of it elsewhere than where its token
// went, if he can be; who has no address of his own, at that which he has on the account.
func TestWhoIsToldOfAClientDevice(t *testing.T) {
	const email, phone = "a@example.com", "+79000000001"
	for _, c := range []struct {
		name             string
		email, phone     string
		onMail, onNumber string // of the approver
		way              authcore.ApprovalWay
		action, want     string
	}{
		{"by phone", email, phone, "", "", authcore.WayPhone, "client.approve", email},
		{"by email", email, phone, "", "", authcore.WayEmail, "client.approve", phone},
		{"by email alone", email, "", "", "", authcore.WayEmail, "client.approve", email},
		{"from a device", email, phone, "", "", authcore.WayDevice, "client.approve", email},
		{"blocked", email, phone, "", "", authcore.WayEmail, "device.block", email},
		{"own address first", email, "", "", "+79000000002", authcore.WayEmail, "client.approve", email},
		{"on the account", "", "", "b@example.com", "+79000000002", authcore.WayPhone, "client.approve", "b@example.com"},
		{"on the account, by email", "", "", "b@example.com", "+79000000002", authcore.WayEmail, "client.approve", "+79000000002"},
		{"on the account, removed", "", "", "b@example.com", "", authcore.WayEmail, "device.deactivate", "b@example.com"},
		{"nowhere", "", "", "", "", authcore.WayPhone, "client.approve", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			outbox := new(authtest.Outbox)
			h := newCore(t, func(o *authcore.Options) {
				o.Channels = map[authcore.DeviceKind]authcore.Channel{authcore.KindEmail: outbox, authcore.KindPhone: outbox}
			})
			u := h.person(t, "alice", func(u *authcore.User) { u.Email, u.Phone = c.email, c.phone })
			account := authcore.Account{ID: uuid.NewString(), Tenant: u.Tenant, Name: "bank", Status: authcore.AccountActive}
			h.write(t, func(tx authcore.Tx) error {
				if err := tx.CreateAccount(account); err != nil {
					return err
				}
				return tx.CreateApprover(authcore.Approver{Account: account.ID, UserID: u.ID, Document: "12345678901", Email: c.onMail, Phone: c.onNumber})
			})
			d := h.ownBrowser(t, u, authcore.StatusActive, account.ID)
			h.asksFor(t, d, c.way)
			must(t, h.Record(t.Context(), authcore.Event{
				Action: c.action, Outcome: authcore.OutcomeOK, UserID: u.ID, DeviceID: d.ID, Factor: string(authcore.KindClient),
			}))
			h.live.Settle()
			var to []string
			for _, m := range outbox.Told(t, 0) {
				if to = append(to, m.To); !strings.Contains(m.Text, "app or browser") || m.Code != "" {
					t.Errorf("%+v", m)
				}
			}
			if strings.Join(to, " ") != c.want {
				t.Errorf("told %q, want %q", to, c.want)
			}
		})
	}
}
