package authcore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

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
	if ways.Unusable {
		t.Error("a blocked device is told of beside others")
	}
	h.user(t, "carol")
	first, err := h.Logins.Ways(t.Context(), h.verified(t, "carol"))
	must(t, err)
	if got := fmt.Sprint(kinds(first.Devices), first.Enrol); got != "[] [phone totp]" {
		t.Errorf("a first device: %s", got)
	}
}

// Who has devices, and none that counts, is told so, and not that he has none.
func TestUnusableDevices(t *testing.T) {
	h, _ := phones(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindTOTP, authcore.KindHOTP} })
	for name, c := range map[string]struct {
		kind     authcore.DeviceKind
		status   authcore.DeviceStatus
		awaits   authcore.Awaits
		unusable bool
	}{
		"blocked":            {authcore.KindTOTP, authcore.StatusBlocked, "", true},
		"of no factor":       {authcore.KindEmail, authcore.StatusActive, "", true},
		"waits for its key":  {authcore.KindMobile, authcore.StatusPending, authcore.AwaitsKey, true},
		"counts":             {authcore.KindTOTP, authcore.StatusActive, "", false},
		"is being enrolled":  {authcore.KindTOTP, authcore.StatusPending, authcore.AwaitsCode, false},
		"gone":               {authcore.KindTOTP, authcore.StatusDeactivated, "", false},
		"rejected":           {authcore.KindTOTP, authcore.StatusRejected, "", false},
		"a browser":          {authcore.KindClient, authcore.StatusActive, "", false},
		"a browser, blocked": {authcore.KindClient, authcore.StatusBlocked, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			user := strings.NewReplacer(" ", "", ",", "").Replace(name)
			u := h.user(t, user)
			h.write(t, func(tx authcore.Tx) error {
				return tx.CreateDevice(authcore.Device{
					ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: user, Kind: c.kind, Status: c.status, Awaits: c.awaits,
					LastCounter: -1, CreatedAt: h.clock.Now(),
				})
			})
			if ways, err := h.Logins.Ways(t.Context(), h.verified(t, user)); err != nil || ways.Unusable != c.unusable {
				t.Errorf("%+v, %v", ways, err)
			}
		})
	}
}

func kinds(devices []authcore.Device) (list []authcore.DeviceKind) {
	for _, d := range devices {
		list = append(list, d.Kind)
	}
	return list
}
