package authcore_test

import (
	"sync"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// CLI-14, law 2: of all who decide at once one does, and what the device is, its request
// and its history say the same.
func TestOneOfManyDecides(t *testing.T) {
	for name, verbs := range map[string][2]string{
		"approvals": {"approve", "approve"}, "refusals": {"refuse", "refuse"}, "both": {"approve", "refuse"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newCore(t, nil)
			u := h.user(t, "alice")
			d := h.ownBrowser(t, u, authcore.StatusPending, "")
			actors := [2]authcore.Actor{h.on(t, u, h.ownBrowser(t, u, authcore.StatusActive, "")), authcore.Operator()}
			won := parallel(40, func(i int) error {
				err := deciding[verbs[i%2]](t, h, actors[i/2%2], d)
				if err != nil && authcore.CodeOf(err) != authcore.CodeConflict {
					t.Error(err)
				}
				return err
			})
			if won != 1 {
				t.Errorf("%d decided", won)
			}
			h.agree(t, d)
		})
	}
}

// agree says that a device, its request and its history are of one mind.
func (h *house) agree(t testing.TB, d authcore.Device) {
	t.Helper()
	want := map[authcore.DeviceStatus]authcore.ApprovalState{
		authcore.StatusActive: authcore.ApprovalApproved, authcore.StatusRejected: authcore.ApprovalRefused,
	}
	states, now, a := h.states(t, d), h.owned(t, d.ID), h.asked(t, d)
	if len(states) != 1 || states[0] != now.Status || a.State != want[now.Status] {
		t.Errorf("it is %s, its request %s, and its history %v", now.Status, a.State, states)
	}
}

// CLI-14: who approves while the device is taken away lets nothing in that stays: neither
// does a device let another in that is blocked meanwhile.
func TestApprovedWhileItIsTakenAway(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	for range 10 {
		d, other := h.ownBrowser(t, u, authcore.StatusPending, ""), h.ownBrowser(t, u, authcore.StatusActive, "")
		me := h.on(t, u, other)
		var approved, removed, blocked error
		var all sync.WaitGroup
		all.Go(func() { approved = deciding["approve"](t, h, me, d) })
		all.Go(func() { removed = removals["deactivate"](t, h, authcore.Operator(), d.ID) })
		all.Go(func() { blocked = removals["block"](t, h, authcore.Operator(), other.ID) })
		all.Wait()
		must(t, removed)
		must(t, blocked)
		states, state := h.states(t, d), authcore.ApprovalRefused
		if approved == nil {
			state = authcore.ApprovalApproved
		}
		if h.owned(t, d.ID).Status != authcore.StatusDeactivated || h.asked(t, d).State != state || (len(states) == 2) != (approved == nil) {
			t.Errorf("approved: %v; its request is %s, its history %v", approved, h.asked(t, d).State, states)
		}
	}
}
