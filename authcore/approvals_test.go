package authcore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// bank is a house with an account, two people who decide about devices there, and an
// integrator whose app asks.
type bank struct {
	*house
	outbox     *authtest.Outbox
	by         authcore.Actor
	account    authcore.Account
	alice, bob authcore.User
}

// Their documents, and where alice's tokens go.
const (
	alices, bobs = "98765432100", "12345678909"
	alicesPhone  = "+5511987654321"
)

func newBank(t testing.TB, change func(*authcore.Options)) *bank {
	t.Helper()
	h, outbox := phones(t, change)
	b := &bank{house: h, outbox: outbox, alice: h.user(t, "alice"), by: h.caller(t, "acme", "qitech", "")}
	b.bob = h.person(t, "bob", func(u *authcore.User) { u.Phone, u.Email = "+5511900000002", "bob@example.com" })
	b.account = b.open(t, authcore.Account{Name: "savings"})
	b.approver(t, authcore.Approver{Account: b.account.ID, UserID: b.alice.ID, Document: alices, Phone: alicesPhone, Face: "the face of alice"})
	b.approver(t, authcore.Approver{Account: b.account.ID, UserID: b.bob.ID, Document: bobs})
	return b
}

func (b *bank) open(t testing.TB, a authcore.Account) authcore.Account {
	t.Helper()
	a.ID, a.CreatedAt = uuid.NewString(), b.clock.Now()
	if a.Tenant == "" {
		a.Tenant = authcore.DefaultTenant
	}
	if a.Status == "" {
		a.Status = authcore.AccountActive
	}
	b.write(t, func(tx authcore.Tx) error { return tx.CreateAccount(a) })
	return a
}

func (b *bank) approver(t testing.TB, a authcore.Approver) {
	t.Helper()
	b.write(t, func(tx authcore.Tx) error { return tx.CreateApprover(a) })
}

// limited is an integrator that may ask for these operations.
func (b *bank) limited(t testing.TB, name string, operations ...string) authcore.Actor {
	t.Helper()
	_, key, err := b.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: name, Dialect: "qitech", Operations: operations})
	must(t, err)
	actor, err := b.Integrators.Admit(t.Context(), authcore.Knock{Dialect: "qitech", Name: name, Key: key, Later: true})
	must(t, err)
	return actor
}

// wants is a device that the app asks alice for, by a token to her phone.
func (b *bank) wants(key string) authcore.DeviceRequest {
	return authcore.DeviceRequest{
		Account: b.account.ID, Key: key, Session: uuid.NewString(), Document: alices, Way: authcore.WayPhone,
		From: authcore.Origin{Address: "192.0.2.7", RequestID: "r7"},
	}
}

func (b *bank) ref(key string) authcore.DeviceRef {
	return authcore.DeviceRef{Account: b.account.ID, Key: key, From: authcore.Origin{Address: "192.0.2.7", RequestID: "r8"}}
}

// asked is a device that waits, and the token that was sent for it.
func (b *bank) asked(t testing.TB, key string) (d authcore.ClientDevice, token string) {
	t.Helper()
	d, err := b.Approvals.Ask(t.Context(), b.by, b.wants(key))
	must(t, err)
	return d, b.outbox.Last(t).Code
}

// approved is a device that counts, and the token that let it in.
func (b *bank) approved(t testing.TB, key string) (d authcore.ClientDevice, token string) {
	t.Helper()
	_, token = b.asked(t, key)
	d, err := b.validate(t, key, token)
	must(t, err)
	return d, token
}

func (b *bank) validate(t testing.TB, key, token string) (authcore.ClientDevice, error) {
	t.Helper()
	return b.Approvals.Validate(t.Context(), b.by, b.ref(key), token)
}

func (b *bank) resend(t testing.TB, key string) (authcore.ClientDevice, error) {
	t.Helper()
	return b.Approvals.Resend(t.Context(), b.by, b.ref(key), "", false)
}

func (b *bank) show(t testing.TB, key string) authcore.ClientDevice {
	t.Helper()
	d, err := b.Approvals.Show(t.Context(), b.by, b.ref(key))
	must(t, err)
	return d
}

// wrong shows a token that was never sent, n times.
func (b *bank) wrong(t testing.TB, key string, n int) {
	t.Helper()
	for range n {
		_, err := b.validate(t, key, "000000")
		refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	}
}

// states are those of a history, and why.
func states(d authcore.ClientDevice) string {
	var all []string
	for _, c := range d.History {
		all = append(all, strings.TrimSuffix(fmt.Sprintf("%s:%s", c.Status, c.Reason), ":"))
	}
	return strings.Join(all, " ")
}

// client is what is stored of a device beside other devices.
func (b *bank) client(t testing.TB, id string) (c authcore.Client) {
	t.Helper()
	b.read(t, func(tx authcore.Tx) (err error) { c, err = tx.Client(id); return err })
	return c
}

func (b *bank) request(t testing.TB, id string) (a authcore.Approval) {
	t.Helper()
	b.read(t, func(tx authcore.Tx) (err error) { a, err = tx.Approval(id); return err })
	return a
}

// A device waits for its approver, who gets a token at the number that the account has of
// him; with it, in any case and with space around it, the device counts.
func TestDeviceIsLetIn(t *testing.T) {
	b := newBank(t, nil)
	key := strings.ToUpper(uuid.NewString())
	r := b.wants(key)
	r.Session = strings.ToUpper(r.Session)
	r.Document = "987.654.321-00"
	d, err := b.Approvals.Ask(t.Context(), b.by, r)
	must(t, err)
	m := b.outbox.Last(t)
	if m.To != alicesPhone || len(m.Code) != 6 || strings.Trim(m.Code, "23456789abcdefghjkmnpqrstuvwxyz") != "" ||
		!strings.HasPrefix(m.Text, m.Code+" ") || !strings.Contains(m.Text, "acme") || !m.ExpiresAt.Equal(b.clock.Now().Add(5*time.Minute)) {
		t.Errorf("message %+v", m)
	}
	if d.Status != authcore.StatusPending || d.Awaits != authcore.AwaitsApproval || d.Kind != authcore.KindClient || len(d.Serial) != 12 ||
		d.UserID != b.alice.ID || len(d.Sealed) != 0 || states(d) != "pending" || d.Key != key || d.Session != r.Session || d.Document != alices ||
		d.Approval.State != authcore.ApprovalPending || len(d.Approval.Token) != 0 {
		t.Errorf("pending: %+v", d)
	}
	b.clock.Turn(4 * time.Minute)
	got, err := b.validate(t, strings.ToLower(key), " \t"+strings.ToUpper(m.Code)+"\n")
	must(t, err)
	if got.ID != d.ID || got.Status != authcore.StatusActive || states(got) != "pending active" || got.Session != r.Session || got.Key != key ||
		got.Approval.State != authcore.ApprovalApproved || got.Approval.Tries != 0 || !got.History[1].At.Equal(b.clock.Now()) {
		t.Errorf("approved: %+v", got)
	}
	for action, n := range map[string]int{"client.ask": 1, "client.token": 1, "client.approve": 1, "client.try": 0} {
		rows := b.events(t, action)
		if len(rows) != n {
			t.Errorf("%d rows of %s", len(rows), action)
		}
		for _, e := range rows {
			if e.Outcome != authcore.OutcomeOK || e.Actor != "integrator:acme" || e.DeviceID != d.ID || e.UserID != b.alice.ID || e.Address != "192.0.2.7" {
				t.Errorf("%s: %+v", action, e)
			}
		}
	}
}

// Who has no number of his own on the account gets the token at that of the user, and by
// e-mail when that is asked for.
func TestWhereTokensGo(t *testing.T) {
	b := newBank(t, nil)
	r := b.wants(uuid.NewString())
	r.Document = bobs
	_, err := b.Approvals.Ask(t.Context(), b.by, r)
	must(t, err)
	if to := b.outbox.Last(t).To; to != b.bob.Phone {
		t.Errorf("sent to %s", to)
	}
	_, err = b.Approvals.Resend(t.Context(), b.by, b.ref(r.Key), authcore.WayEmail, false)
	must(t, err)
	if to := b.outbox.Last(t).To; to != b.bob.Email {
		t.Errorf("sent to %s", to)
	}
	_, err = b.resend(t, r.Key) // as the last one
	must(t, err)
	if to := b.outbox.Last(t).To; to != b.bob.Email || b.outbox.Sent() != 3 {
		t.Errorf("sent to %s, %d messages", to, b.outbox.Sent())
	}
}

// The token of a site for trying out is always the same, and nothing is sent.
func TestSandboxToken(t *testing.T) {
	b := newBank(t, func(o *authcore.Options) { o.Channels = nil })
	r := b.wants(uuid.NewString())
	r.Sandbox = true
	_, err := b.Approvals.Ask(t.Context(), b.by, r)
	must(t, err)
	_, err = b.Approvals.Resend(t.Context(), b.by, b.ref(r.Key), authcore.WayEmail, true)
	must(t, err)
	d, err := b.validate(t, r.Key, authcore.SandboxToken)
	must(t, err)
	if d.Status != authcore.StatusActive || b.outbox.Sent() != 0 {
		t.Errorf("%+v, %d messages", d, b.outbox.Sent())
	}
	r = b.wants(uuid.NewString())
	_, err = b.Approvals.Ask(t.Context(), b.by, r)
	refused(t, err, authcore.CodeUnavailable, authcore.ReasonUndelivered)
}

// The sandbox's token opens nothing elsewhere.
func TestSandboxTokenElsewhere(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	b.asked(t, key)
	_, err := b.validate(t, key, authcore.SandboxToken)
	refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
}
