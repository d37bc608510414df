package authcore_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// Law 2: what happens to a request while its right token is looked at counts, and the token
// does not. The device counts already, so that its marks are all there is to win.
func TestDecidedWhileLooking(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(b *bank, key, id string) error
		want authcore.DeviceStatus
	}{
		"sent again": {func(b *bank, key, _ string) error { return failure(b.resend(t, key)) }, authcore.StatusActive},
		"refused": {func(b *bank, _, id string) error {
			return failure(b.Approvals.Refuse(t.Context(), authcore.Operator(), id, authcore.Origin{}))
		}, authcore.StatusActive},
		"disabled": {func(b *bank, key, _ string) error {
			return failure(b.Approvals.Disable(t.Context(), b.by, b.ref(key)))
		}, authcore.StatusDeactivated},
		"blocked": {func(b *bank, _, id string) error {
			return failure(b.Devices.Block(t.Context(), authcore.Operator(), id))
		}, authcore.StatusBlocked},
		"the approver is disabled": {func(b *bank, _, _ string) error {
			return failure(b.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true))
		}, authcore.StatusActive},
		"the approver wants to do it himself": {func(b *bank, _, _ string) error {
			return b.store.Write(t.Context(), func(tx authcore.Tx) error { return tx.SetStrictDevices(b.alice.ID, true) })
		}, authcore.StatusActive},
	} {
		t.Run(name, func(t *testing.T) {
			var b *bank
			var do func() error
			b = newBank(t, func(o *authcore.Options) { o.Store = between{o.Store, func() { must(t, do()) }} })
			key := uuid.NewString()
			d, _ := b.approved(t, key)
			marks := b.client(t, d.ID)
			_, token := b.asked(t, key)
			do = func() error { return c.do(b, key, d.ID) }
			_, err := b.Approvals.Validate(meets(t), b.by, b.ref(key), token)
			refused(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
			got := b.client(t, d.ID)
			if string(got.SessionDigest) != string(marks.SessionDigest) || b.show(t, key).Status != c.want || len(b.events(t, "client.approve")) != 1 {
				t.Errorf("%+v", b.show(t, key))
			}
		})
	}
}
