package authcore_test

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Law 7: who had a device that counted enrols no other by a password alone, when it
// was taken back, given to another or removed.
func TestPasswordAloneFollowsNoDevice(t *testing.T) {
	for name, c := range map[string]struct {
		take    func(h *house, device string) error
		awaits  authcore.Awaits
		retired bool
		enrols  bool
	}{
		"taken back": {take: func(h *house, device string) error {
			_, err := h.Devices.Unassign(t.Context(), authcore.Operator(), device)
			return err
		}},
		"given to another": {take: func(h *house, device string) error {
			_, err := h.Devices.Assign(t.Context(), authcore.Operator(), device, "bob", true)
			return err
		}},
		"removed":              {take: removed(t)},
		"retired, and removed": {take: removed(t), retired: true},
		"that never counted":   {take: removed(t), awaits: authcore.AwaitsCodes, enrols: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newCore(t, nil)
			h.user(t, "alice")
			h.user(t, "bob")
			v := h.verified(t, "alice")
			device := h.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Awaits: c.awaits}).Device
			if c.retired {
				_, err := h.Devices.Deactivate(t.Context(), authcore.Operator(), device.ID)
				must(t, err)
			}
			must(t, c.take(h, device.ID))
			ways, err := h.Logins.Ways(t.Context(), v)
			must(t, err)
			_, err = h.Logins.SetApp(t.Context(), v)
			if c.enrols {
				must(t, err)
			} else {
				wantCode(t, err, authcore.CodeConflict)
			}
			if offered := len(ways.Enrol) > 0; offered != c.enrols {
				t.Errorf("he is offered %v", ways.Enrol)
			}
			if step := h.next(t, v); step.Enrol != c.enrols {
				t.Errorf("the next step is %+v", step)
			}
			i, err := h.Users.Invite(t.Context(), authcore.Operator(), "alice")
			must(t, err)
			invited, err := h.Logins.Invited(t.Context(), v, i.Token)
			must(t, err)
			_, err = h.Logins.SetApp(t.Context(), invited)
			must(t, err)
		})
	}
}

func removed(t *testing.T) func(*house, string) error {
	return func(h *house, device string) error {
		_, err := h.Devices.Remove(t.Context(), authcore.Operator(), device)
		return err
	}
}
