package authcore_test

import (
	"fmt"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Ways lists what counts, in the operator's order, and nothing else; codes go
// where they are asked to, if it is one of these.
func TestWays(t *testing.T) {
	h, outbox := phones(t, nil)
	m := h.member(t, "alice")
	phone, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindPhone, Address: "+79001234567"})
	must(t, err)
	blocked := h.device(t, "alice", authcore.KindHOTP)
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), blocked.Device.ID)
	must(t, err)
	ways, err := h.Logins.Ways(t.Context(), m.verified)
	must(t, err)
	if got := fmt.Sprint(kinds(ways.Devices), ways.Enrol); got != "[phone hotp] []" || outbox.Sent() != 0 {
		t.Errorf("%s, %d messages", got, outbox.Sent())
	}
	_, other := h.phone(t, "bob", "+79007654321")
	theirs, err := h.Logins.Ways(t.Context(), other)
	must(t, err)
	for _, id := range []string{m.device.Device.ID, blocked.Device.ID, theirs.Devices[0].ID, "", "none"} {
		_, err = h.Logins.SendTo(t.Context(), m.verified, id, false)
		wantCode(t, err, authcore.CodeNotFound)
	}
	_, err = h.Logins.Sent(t.Context(), m.verified)
	wantCode(t, err, authcore.CodeNotFound)
	for _, again := range []bool{false, false, true} {
		step, err := h.Logins.SendTo(t.Context(), m.verified, phone.Device.ID, again)
		must(t, err)
		if step.Address != "+79001234567" || step.Enrol {
			t.Errorf("step %+v", step)
		}
	}
	if outbox.Sent() != 2 {
		t.Errorf("%d messages", outbox.Sent())
	}
	if sent, err := h.Logins.Sent(t.Context(), m.verified); err != nil || sent.Address != "+79001234567" || sent.Kind != authcore.KindPhone {
		t.Errorf("%+v, %v", sent, err)
	}
	_, err = h.Logins.Second(t.Context(), m.verified, outbox.Last(t).Code)
	must(t, err)
	_, err = h.Logins.Sent(t.Context(), m.verified) // it is used up
	wantCode(t, err, authcore.CodeNotFound)
	h.user(t, "carol")
	first, err := h.Logins.Ways(t.Context(), h.verified(t, "carol"))
	must(t, err)
	if got := fmt.Sprint(kinds(first.Devices), first.Enrol); got != "[] [phone totp]" {
		t.Errorf("a first device: %s", got)
	}
}

func kinds(devices []authcore.Device) (list []authcore.DeviceKind) {
	for _, d := range devices {
		list = append(list, d.Kind)
	}
	return list
}
