package authcore_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// CLI-07: a browser is let in from a device that counts, or by a token where there is a
// channel and an address, and in no other way; where nothing lets it in, it waits for an
// operator.
func TestOwnWays(t *testing.T) {
	const device, phone, email, liveness = authcore.WayDevice, authcore.WayPhone, authcore.WayEmail, authcore.WayLiveness
	type ways = []authcore.ApprovalWay
	for _, c := range []struct {
		name     string
		channels []authcore.DeviceKind
		change   func(*authcore.User)
		has      authcore.DeviceStatus // of a device of his
		account  authcore.AccountStatus
		strict   bool
		want     ways
		taken    ways // by AskOwn
	}{
		{"by all", []authcore.DeviceKind{"phone", "email"}, both, "active", "", false, ways{device, phone, email}, ways{device, phone, email}},
		{"without a device", []authcore.DeviceKind{"phone", "email"}, both, "", "", false, ways{phone, email}, ways{phone, email}},
		{"without a channel", []authcore.DeviceKind{"email"}, both, "", "", false, ways{email}, ways{email}},
		{"without an address", []authcore.DeviceKind{"phone", "email"}, mail, "", "", false, ways{email}, ways{email}},
		{"on an account", nil, both, "active", "active", false, ways{device}, ways{device}},
		{"on a closed account", nil, both, "active", "closed", false, nil, ways{device}},
		{"on a blocked device", []authcore.DeviceKind{"email"}, both, "blocked", "", false, ways{email}, ways{email}},
		{"on one that waits", []authcore.DeviceKind{"email"}, both, "pending", "", false, ways{email}, ways{email}},
		{"strict", []authcore.DeviceKind{"phone", "email"}, both, "active", "", true, ways{device}, ways{device}},
		{"strict, without a device", []authcore.DeviceKind{"phone", "email"}, both, "blocked", "", true, nil, ways{device}},
		{"by nothing", nil, both, "", "", false, nil, ways{device}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, outbox := phones(t, func(o *authcore.Options) {
				for kind := range o.Channels {
					if !slices.Contains(c.channels, kind) {
						delete(o.Channels, kind)
					}
				}
			})
			u := h.person(t, "alice", c.change)
			h.write(t, func(tx authcore.Tx) error { return tx.SetStrictDevices(u.ID, c.strict) })
			account := ""
			if c.account != "" {
				account = h.accountOf(t, u, c.account)
			}
			if c.has != "" {
				h.ownBrowser(t, u, c.has, account)
			}
			h.ownBrowser(t, h.user(t, "bob"), authcore.StatusActive, "")
			me := h.acting(u, time.Hour, time.Hour)
			got, err := h.Approvals.OwnWays(t.Context(), me)
			must(t, err)
			if !slices.Equal(got, c.want) {
				t.Errorf("the ways are %v, want %v", got, c.want)
			}
			for _, way := range (ways{device, phone, email, liveness, ""}) {
				_, _, err := h.Approvals.AskOwn(t.Context(), me, authcore.OwnRequest{Name: "mine", Way: way})
				switch {
				case slices.Contains(c.taken, way) && err != nil:
					t.Errorf("by %q: %v", way, err)
				case !slices.Contains(c.taken, way):
					wantCode(t, err, authcore.CodeConflict)
					if len(c.want) == 0 && !strings.Contains(authcore.MessageOf(err), "ask whoever runs this site") {
						t.Errorf("he is told %v", err)
					}
				}
			}
			if c.strict && outbox.Sent() != 0 {
				t.Error("a token was sent")
			}
		})
	}
}

// CLI-08: who wants it is asked at a registered device about each new one: he shows both
// factors, and has a device; what waits for a token waits for him from then on. Who stole
// both factors does not lift it.
func TestStrictDevices(t *testing.T) {
	h, outbox := phones(t, nil)
	u := h.person(t, "alice", both)
	strict := func() (strict bool) {
		h.read(t, func(tx authcore.Tx) error { u, err := tx.UserByID(u.ID); strict = u.StrictDevices; return err })
		return strict
	}
	set := func(actor authcore.Actor, to bool, want authcore.Code, reason authcore.Reason) {
		t.Helper()
		before := strict()
		if err := h.Approvals.SetStrict(t.Context(), actor, to); want != "" {
			if wantReason(t, err, want, reason); strict() != before {
				t.Error("it was set")
			}
		} else if must(t, err); strict() != to {
			t.Error("it was not set")
		}
	}
	h.ownBrowser(t, h.user(t, "bob"), authcore.StatusActive, "")
	blocked := h.ownBrowser(t, u, authcore.StatusBlocked, "")
	set(h.fresh(u), true, authcore.CodeConflict, "")
	d := h.ownBrowser(t, u, authcore.StatusActive, "")
	set(h.acting(u, 11*time.Minute, 0), true, authcore.CodeStepUp, "")
	set(h.actingOn(t, u, d, 0, 11*time.Minute), true, authcore.CodeStepUp, "")
	_, secret := h.askOwn(t, h.fresh(u), "mine", authcore.WayPhone)
	code := outbox.Last(t).Code

	set(h.fresh(u), true, "", "")
	set(h.fresh(u), true, "", "")
	_, err := h.Approvals.ValidateOwn(t.Context(), h.fresh(u), secret, code, authcore.Origin{})
	wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	_, err = h.Approvals.ResendOwn(t.Context(), h.fresh(u), secret, "", authcore.Origin{})
	wantCode(t, err, authcore.CodeConflict)
	own, err := h.Approvals.Own(t.Context(), h.fresh(u), secret)
	must(t, err)
	if own.Approval.Way != authcore.WayDevice || own.Status != authcore.StatusPending || outbox.Sent() != 1 {
		t.Errorf("it waits for %s, %d sent", own.Approval.Way, outbox.Sent())
	}

	set(h.fresh(u), false, authcore.CodeForbidden, authcore.ReasonClientDevice)
	set(h.on(t, u, blocked), false, authcore.CodeForbidden, authcore.ReasonClientDevice)
	set(h.on(t, u, own.Device), false, authcore.CodeForbidden, authcore.ReasonClientDevice)
	set(h.actingOn(t, u, d, 11*time.Minute, 0), false, authcore.CodeStepUp, "")
	set(h.on(t, u, d), false, "", "")
	_, err = h.Approvals.ValidateOwn(t.Context(), h.fresh(u), secret, code, authcore.Origin{}) // void for good
	wantReason(t, err, authcore.CodeInvalid, authcore.ReasonWrongCode)
	must(t, deciding["approve"](t, h, h.on(t, u, d), own.Device))
	if on, off := h.reasons(t, "user.strict_devices"), h.reasons(t, "user.any_devices"); on[""] != 1 || off[""] != 1 {
		t.Errorf("rows: %v, %v", on, off)
	}
}
