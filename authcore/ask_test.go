package authcore_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// publicKey is that of an app.
func publicKey(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	return der
}

// What is wrong first is what is answered: in each row all that is looked at later is wrong
// too. Nothing is left, and nothing sent.
func TestOrderOfChecksOfAsk(t *testing.T) {
	b := newBank(t, nil)
	observer, half := b.limited(t, "observer", "show_device", "list_devices"), b.limited(t, "half", "resend_token")
	elsewhere := b.open(t, authcore.Account{Name: "elsewhere", Tenant: "north", Status: authcore.AccountClosed, Hub: true})
	closed := b.open(t, authcore.Account{Name: "closed", Status: authcore.AccountClosed, Hub: true})
	blocked := b.open(t, authcore.Account{Name: "blocked", Status: authcore.AccountBlocked, Hub: true})
	hub := b.open(t, authcore.Account{Name: "hub", Hub: true})
	stranger := authcore.Actor{}
	for _, c := range []struct {
		actor    authcore.Actor
		account  string
		document string
		code     authcore.Code
		reason   authcore.Reason
	}{
		{observer, "no UUID", "1", authcore.CodeNotFound, authcore.ReasonNoAccount},
		{observer, uuid.NewString(), "1", authcore.CodeNotFound, authcore.ReasonNoAccount},
		{observer, elsewhere.ID, "1", authcore.CodeNotFound, authcore.ReasonNoAccount},
		{stranger, b.account.ID, alices, authcore.CodeNotFound, authcore.ReasonNoAccount},
		{observer, closed.ID, "1", authcore.CodeConflict, authcore.ReasonAccountClosed},
		{observer, blocked.ID, "1", authcore.CodeConflict, authcore.ReasonAccountClosed},
		{observer, hub.ID, "1", authcore.CodeConflict, authcore.ReasonHub},
		{observer, b.account.ID, "1", authcore.CodeForbidden, authcore.ReasonRequester},
		{half, b.account.ID, "1", authcore.CodeForbidden, authcore.ReasonOperation},
		{b.by, b.account.ID, "1", authcore.CodeForbidden, authcore.ReasonApprover},
		{b.by, b.account.ID, "", authcore.CodeForbidden, authcore.ReasonApprover},
		{b.by, strings.ToUpper(b.account.ID), "987.654.321-01", authcore.CodeForbidden, authcore.ReasonApprover},
	} {
		r := b.wants(uuid.NewString())
		r.Account, r.Document = c.account, c.document
		_, err := b.Approvals.Ask(t.Context(), c.actor, r)
		refused(t, err, c.code, c.reason)
	}
	if devices, err := b.Devices.List(t.Context(), authcore.Operator(), "alice"); err != nil || len(devices) != 0 || b.outbox.Sent() != 0 {
		t.Errorf("%+v, %v, %d messages", devices, err, b.outbox.Sent())
	}
	if got := b.reasons(t, "integrator.refused"); got["requester"] != 1 || got["operation"] != 1 {
		t.Errorf("the audit says %v", got)
	}
	r := b.wants(uuid.NewString())
	r.Account = strings.ToUpper(r.Account)
	if _, err := b.Approvals.Ask(t.Context(), b.by, r); err != nil {
		t.Error(err)
	}
}

// Whatever is asked for on an account that is closed, or a hub, is refused; who looks may.
func TestAccountThatIsNotOpen(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	b.asked(t, key)
	b.write(t, func(tx authcore.Tx) error {
		_, err := tx.MoveAccount(b.account.ID, authcore.AccountBlocked, authcore.AccountActive)
		return err
	})
	for _, err := range []error{
		failure(b.validate(t, key, b.outbox.Last(t).Code)), failure(b.resend(t, key)), failure(b.Approvals.Disable(t.Context(), b.by, b.ref(key))),
	} {
		refused(t, err, authcore.CodeConflict, authcore.ReasonAccountClosed)
	}
	if got := b.show(t, key); got.Status != authcore.StatusPending || got.Approval.Tries != 0 {
		t.Errorf("%+v", got)
	}
}

func failure[T any](_ T, err error) error { return err }

// Each operation is one that an integrator may be kept from.
func TestLimitedIntegrators(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	b.asked(t, key)
	calls := map[string]func(a authcore.Actor) error{
		"validate_device": func(a authcore.Actor) error {
			return failure(b.Approvals.Validate(t.Context(), a, b.ref(key), "000000"))
		},
		"resend_token": func(a authcore.Actor) error {
			return failure(b.Approvals.Resend(t.Context(), a, b.ref(key), "", false))
		},
		"show_device": func(a authcore.Actor) error { return failure(b.Approvals.Show(t.Context(), a, b.ref(key))) },
		"list_devices": func(a authcore.Actor) error {
			return failure(b.Approvals.List(t.Context(), a, b.account.ID, authcore.Origin{}))
		},
		"disable_device": func(a authcore.Actor) error { return failure(b.Approvals.Disable(t.Context(), a, b.ref(key))) },
	}
	for may := range calls {
		actor := b.limited(t, "only-"+may, may)
		for asked, call := range calls {
			err := call(actor)
			if asked != may {
				refused(t, err, authcore.CodeForbidden, authcore.ReasonOperation)
			} else if authcore.CodeOf(err) == authcore.CodeForbidden {
				t.Errorf("%s: %v", may, err)
			}
		}
	}
}

// DEV-02: what is of another tenant or another account, or of another user to a user, reads
// like what is not there.
func TestOthersDevicesReadLikeNone(t *testing.T) {
	b := newBank(t, nil)
	key, none := uuid.NewString(), uuid.NewString()
	d, token := b.asked(t, key)
	other := b.open(t, authcore.Account{Name: "other"})
	elsewhere := b.caller(t, "north", "qitech", "north")
	bob := b.acting(t, "bob")
	try := func(actor authcore.Actor, account, key string) map[string]error {
		ref := authcore.DeviceRef{Account: account, Key: key}
		return map[string]error{
			"show":     failure(b.Approvals.Show(t.Context(), actor, ref)),
			"validate": failure(b.Approvals.Validate(t.Context(), actor, ref, token)),
			"resend":   failure(b.Approvals.Resend(t.Context(), actor, ref, "", false)),
			"disable":  failure(b.Approvals.Disable(t.Context(), actor, ref)),
		}
	}
	for _, c := range []struct {
		name         string
		actor        authcore.Actor
		account, key string
		like         map[string]error
	}{
		{"another tenant", elsewhere, b.account.ID, key, try(elsewhere, none, key)},
		{"another account", b.by, other.ID, key, try(b.by, b.account.ID, none)},
		{"another user", bob, b.account.ID, key, try(bob, b.account.ID, none)},
		{"no approver", bob, other.ID, key, try(bob, none, key)},
		{"by its ID", b.by, b.account.ID, d.ID, try(b.by, b.account.ID, none)},
		{"by its serial", b.by, b.account.ID, d.Serial, try(b.by, b.account.ID, none)},
	} {
		for what, err := range try(c.actor, c.account, c.key) {
			if want := c.like[what]; err == nil || authcore.CodeOf(err) != authcore.CodeNotFound || authcore.ReasonOf(err) != authcore.ReasonOf(want) || err.Error() != want.Error() {
				t.Errorf("%s of %s: %v, want %v", what, c.name, err, want)
			}
		}
	}
	if list, err := b.Approvals.List(t.Context(), bob, b.account.ID, authcore.Origin{}); err != nil || len(list) != 0 {
		t.Errorf("bob sees %+v, %v", list, err)
	}
	refused(t, failure(b.Approvals.List(t.Context(), elsewhere, b.account.ID, authcore.Origin{})), authcore.CodeNotFound, authcore.ReasonNoAccount)
	if got := b.show(t, key); got.Status != authcore.StatusPending || got.Approval.Tries != 0 {
		t.Errorf("%+v", got)
	}
}

// acting is a user who has shown both factors just now.
func (b *bank) acting(t testing.TB, name string) authcore.Actor {
	t.Helper()
	m := &member{device: b.device(t, name, authcore.KindHOTP), verified: b.verified(t, name)}
	return authcore.ActingUser(b.passes(t, b.login(t, m).Token))
}

// A user asks with his own document alone, sees what is his, and does nothing in a session
// that has ended.
func TestUserAsksForHimself(t *testing.T) {
	b := newBank(t, nil)
	alice := b.acting(t, "alice")
	r := b.wants(uuid.NewString())
	r.Document = bobs
	refused(t, failure(b.Approvals.Ask(t.Context(), alice, r)), authcore.CodeForbidden, authcore.ReasonApprover)
	other := b.open(t, authcore.Account{Name: "other"})
	r.Account, r.Document = other.ID, alices
	refused(t, failure(b.Approvals.Ask(t.Context(), alice, r)), authcore.CodeNotFound, authcore.ReasonNoAccount)
	r.Account = b.account.ID
	d, err := b.Approvals.Ask(t.Context(), alice, r)
	must(t, err)
	b.asked(t, uuid.NewString())
	got, err := b.Approvals.Validate(t.Context(), alice, b.ref(r.Key), "000000")
	refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	if _, err = b.Approvals.Resend(t.Context(), alice, b.ref(r.Key), "", false); err != nil {
		t.Error(err)
	}
	token := b.outbox.Last(t)
	if !strings.Contains(token.Text, "alice") {
		t.Errorf("who asks is not said: %q", token.Text)
	}
	if got, err = b.Approvals.Validate(t.Context(), alice, b.ref(r.Key), token.Code); err != nil || got.ID != d.ID || got.Status != authcore.StatusActive {
		t.Errorf("%+v, %v", got, err)
	}
	if list, err := b.Approvals.List(t.Context(), alice, b.account.ID, authcore.Origin{}); err != nil || len(list) != 2 || list[0].ID != d.ID {
		t.Errorf("%+v, %v", list, err)
	}
	b.clock.Turn(11 * 60e9)
	wantCode(t, failure(b.Approvals.Disable(t.Context(), alice, b.ref(r.Key))), authcore.CodeStepUp)
	_, err = b.Users.SetPassword(t.Context(), authcore.Operator(), "alice", "another "+password)
	must(t, err)
	for _, err := range []error{
		failure(b.Approvals.Ask(t.Context(), alice, b.wants(uuid.NewString()))),
		failure(b.Approvals.Resend(t.Context(), alice, b.ref(r.Key), "", false)),
		failure(b.Approvals.Validate(t.Context(), alice, b.ref(r.Key), token.Code)),
	} {
		wantCode(t, err, authcore.CodeUnauthenticated)
	}
}

// Who has asked with a key that another approver's device has is told that he is not its
// approver, until that is disabled.
func TestKeyOfAnotherApprover(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, _ := b.approved(t, key)
	r := b.wants(key)
	r.Document = bobs
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, r)), authcore.CodeForbidden, authcore.ReasonApprover)
	_, err := b.Approvals.Disable(t.Context(), b.by, b.ref(key))
	must(t, err)
	got, err := b.Approvals.Ask(t.Context(), b.by, r)
	must(t, err)
	if got.ID == d.ID || got.UserID != b.bob.ID || b.show(t, key).ID != got.ID {
		t.Errorf("%+v", got)
	}
}

// A device that was disabled is shown, and nothing else is done with it; the next request
// for its key is for another.
func TestDisable(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, token := b.approved(t, key)
	got, err := b.Approvals.Disable(t.Context(), b.by, b.ref(key))
	must(t, err)
	if got.ID != d.ID || got.Status != authcore.StatusDeactivated || got.Epoch <= d.Epoch || b.show(t, key).Status != authcore.StatusDeactivated {
		t.Errorf("%+v", got)
	}
	for _, err := range []error{
		failure(b.validate(t, key, token)), failure(b.resend(t, key)), failure(b.Approvals.Disable(t.Context(), b.by, b.ref(key))),
	} {
		refused(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
	}
	if next, _ := b.asked(t, key); next.ID == d.ID || b.show(t, key).ID != next.ID {
		t.Errorf("%+v", next)
	}
	pending := uuid.NewString()
	_, token = b.asked(t, pending)
	_, err = b.Approvals.Disable(t.Context(), b.by, b.ref(pending))
	must(t, err)
	refused(t, failure(b.validate(t, pending, token)), authcore.CodeNotFound, authcore.ReasonNoDevice)
}

// What is blocked is let in by nothing.
func TestBlockedDevice(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	d, _ := b.approved(t, key)
	_, token := b.asked(t, key)
	_, err := b.Devices.Block(t.Context(), authcore.Operator(), d.ID)
	must(t, err)
	refused(t, failure(b.validate(t, key, token)), authcore.CodeNotFound, authcore.ReasonNoDevice)
	refused(t, failure(b.resend(t, key)), authcore.CodeNotFound, authcore.ReasonNoDevice)
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, b.wants(key))), authcore.CodeConflict, authcore.ReasonInactive)
}

// The approver who is disabled lets nothing in, also by a token that he had before.
func TestDisabledApprover(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	_, token := b.asked(t, key)
	_, err := b.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
	must(t, err)
	refused(t, failure(b.validate(t, key, token)), authcore.CodeInvalid, authcore.ReasonWrongCode)
	refused(t, failure(b.resend(t, key)), authcore.CodeNotFound, authcore.ReasonNoDevice)
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, b.wants(key))), authcore.CodeForbidden, authcore.ReasonApprover)
	if got := b.show(t, key); got.Status != authcore.StatusPending {
		t.Errorf("%+v", got)
	}
}

// Who wants each device approved from a registered one gets no token, and lets nothing in by
// one that he got before.
func TestStrictApprover(t *testing.T) {
	b := newBank(t, func(o *authcore.Options) { o.Verifier = verdicts{authcore.VerdictYes} })
	before := uuid.NewString()
	_, token := b.asked(t, before)
	b.write(t, func(tx authcore.Tx) error { return tx.SetStrictDevices(b.alice.ID, true) })
	refused(t, failure(b.validate(t, before, token)), authcore.CodeInvalid, authcore.ReasonWrongCode)
	if _, err := b.resend(t, before); err != nil {
		t.Error(err)
	}
	for _, way := range []authcore.ApprovalWay{authcore.WayPhone, authcore.WayLiveness} {
		r := b.wants(uuid.NewString())
		r.Way, r.Face, r.Sandbox = way, "f", true
		d, err := b.Approvals.Ask(t.Context(), b.by, r)
		must(t, err)
		if d.Status != authcore.StatusPending || d.Approval.Way != authcore.WayDevice {
			t.Errorf("%+v", d)
		}
		refused(t, failure(b.validate(t, r.Key, authcore.SandboxToken)), authcore.CodeInvalid, authcore.ReasonWrongCode)
	}
	if b.outbox.Sent() != 1 {
		t.Errorf("%d tokens were sent", b.outbox.Sent())
	}
}

// What can't be understood is refused before anything is looked up.
func TestMalformedRequests(t *testing.T) {
	b := newBank(t, nil)
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	rsaKey, err := x509.MarshalPKIXPublicKey(weak.Public())
	must(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	p384, err := x509.MarshalPKIXPublicKey(curve.Public())
	must(t, err)
	for name, change := range map[string]func(r *authcore.DeviceRequest){
		"key":             func(r *authcore.DeviceRequest) { r.Key = "7" },
		"key in brackets": func(r *authcore.DeviceRequest) { r.Key = "{" + r.Key + "}" },
		"session":         func(r *authcore.DeviceRequest) { r.Session = "urn:uuid:" + r.Session },
		"way":             func(r *authcore.DeviceRequest) { r.Way = "fax" },
		"no picture":      func(r *authcore.DeviceRequest) { r.Way = authcore.WayLiveness },
		"long picture":    func(r *authcore.DeviceRequest) { r.Face = strings.Repeat("x", 257) },
		"NUL":             func(r *authcore.DeviceRequest) { r.Face = "\x00" },
		"not UTF-8":       func(r *authcore.DeviceRequest) { r.Face = "\xff" },
		"RSA":             func(r *authcore.DeviceRequest) { r.PublicKey = rsaKey },
		"P-384":           func(r *authcore.DeviceRequest) { r.PublicKey = p384 },
		"no key at all":   func(r *authcore.DeviceRequest) { r.PublicKey = []byte("key") },
		"more after it":   func(r *authcore.DeviceRequest) { r.PublicKey = append(publicKey(t), 0) },
	} {
		r := b.wants(uuid.NewString())
		r.Account = ""
		change(&r)
		if _, err := b.Approvals.Ask(t.Context(), b.by, r); authcore.CodeOf(err) != authcore.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	r := b.wants(uuid.NewString())
	r.PublicKey, err = x509.MarshalPKIXPublicKey(public)
	must(t, err)
	if _, err := b.Approvals.Ask(t.Context(), b.by, r); err != nil {
		t.Error(err)
	}
}
