package authcore_test

import (
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// HND-03, law 11: once a code of a device was right somebody has its key. Nobody gets
// it then, neither by a picture that waits nor by another: whose codes they are would
// not learn of it.
func TestKeyOfAUsedDeviceIsNotShown(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d, secret := h.own(t, func(d *authcore.Device) { d.UserID = u.ID })
	ask := func(code string) error {
		_, err := h.Devices.Validate(t.Context(), erp(), authcore.Checked{Device: d.ID, Code: code})
		return err
	}
	code := authtest.HOTP(t, secret, d.LastCounter+1)
	wantCode(t, ask(wrongOf(code)), authcore.CodeUnauthenticated)
	token := h.shown(t, d.ID)
	must(t, ask(code))
	_, err := h.Devices.Shown(t.Context(), token)
	wantCode(t, err, authcore.CodeNotFound)
	if uri, err := h.take(t, token); uri != "" || authcore.CodeOf(err) != authcore.CodeNotFound {
		t.Errorf("a picture that waited gives the key, %v", err)
	}
	_, _, err = h.Devices.Show(t.Context(), erp(), d.ID, "")
	wantReason(t, err, authcore.CodeConflict, "")
}
