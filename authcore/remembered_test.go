package authcore_test

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Who was given devices learns whose they are and what his dialect remembers of them; a user
// of his own alone, and nobody of another's.
func TestRememberedDevices(t *testing.T) {
	h := newCore(t, nil)
	alice, mallory := h.member(t, "alice"), h.member(t, "mallory")
	acme := h.integrator(t, "acme", authcore.DefaultTenant)
	made, err := h.Devices.Register(t.Context(), acme, authcore.Enrolment{
		User: "alice", Kind: authcore.KindTOTP, Dialect: "fake", Attributes: authcore.Attributes{"n": "v"},
	})
	must(t, err)
	stock, err := h.Devices.Register(t.Context(), acme, authcore.Enrolment{Kind: authcore.KindTOTP})
	must(t, err)
	all := []authcore.Device{made.Device, alice.device.Device, stock.Device}
	r, err := h.Devices.Remembered(t.Context(), acme, all, "fake")
	must(t, err)
	if r.Owners[alice.user.ID] != "alice" || len(r.Owners) != 1 || r.Attributes[made.Device.ID]["n"] != "v" || len(r.Attributes[stock.Device.ID]) != 0 {
		t.Errorf("%+v", r)
	}
	own, err := h.Devices.Remembered(t.Context(), h.fresh(alice.user), all[:2], "fake")
	must(t, err)
	if own.Owners[alice.user.ID] != "alice" || own.Attributes[made.Device.ID]["n"] != "v" {
		t.Errorf("%+v", own)
	}
	_, err = h.Devices.Remembered(t.Context(), acme, all, "other")
	wantCode(t, err, authcore.CodeForbidden)
	for name, actor := range map[string]authcore.Actor{"nobody": {}, "a stranger": h.fresh(mallory.user), "another tenant": h.integrator(t, "far", "elsewhere")} {
		for _, d := range all {
			if r, err := h.Devices.Remembered(t.Context(), actor, []authcore.Device{d}, "fake"); err == nil || len(r.Owners)+len(r.Attributes) > 0 {
				t.Errorf("%s learns %+v, %v", name, r, err)
			}
		}
	}
}
