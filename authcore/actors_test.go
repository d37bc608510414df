package authcore_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// target is what a method is called on.
type target struct{ user, device, session string }

// methods is every method that takes an actor. own says what the owner of the
// target gets: "" is success.
var methods = []struct {
	name     string
	own      authcore.Code
	operator authcore.Code
	call     func(t *testing.T, h *house, a authcore.Actor, o target) error
}{
	{"Sessions.Revoke", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Sessions.Revoke(t.Context(), a, o.session)
		return err
	}},
	{"Users.Add", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, _ target) error {
		_, err := h.Users.Add(t.Context(), a, authcore.NewUser{Name: "new-" + uuid.NewString()[:8], Password: password})
		return err
	}},
	{"Users.List", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, _ target) error {
		_, err := h.Users.List(t.Context(), a)
		return err
	}},
	{"Users.Get", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Users.Get(t.Context(), a, o.user)
		return err
	}},
	{"Users.SetPassword", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Users.SetPassword(t.Context(), a, o.user, password)
		return err
	}},
	{"Devices.List", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.List(t.Context(), a, o.user)
		return err
	}},
	{"Devices.List of all", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, _ target) error {
		_, err := h.Devices.List(t.Context(), a, "")
		return err
	}},
	{"Devices.Get", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, _, err := h.Devices.Get(t.Context(), a, o.device)
		return err
	}},
	{"Devices.Register", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.Register(t.Context(), a, authcore.Enrolment{User: o.user, Kind: authcore.KindTOTP})
		return err
	}},
	{"Devices.Register what others vouch for", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.Register(t.Context(), a, authcore.Enrolment{User: o.user, Kind: authcore.KindHOTP})
		return err
	}},
	{"Devices.Check", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return h.Devices.Check(t.Context(), a, authcore.Enrolment{User: o.user, Kind: authcore.KindTOTP})
	}},
	{"Devices.Find", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, _, err := h.Devices.Find(t.Context(), a, authcore.DeviceQuery{UserID: o.user, Limit: 9})
		return err
	}},
	{"Devices.Change", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		name := "a name " + uuid.NewString()[:8]
		return second(h.Devices.Change(t.Context(), a, o.device, authcore.DeviceChanges{Name: &name}))
	}},
	{"Devices.CheckChange", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		yes := true
		return second(h.Devices.CheckChange(t.Context(), a, o.device, authcore.DeviceChanges{Notified: &yes}))
	}},
	{"Devices.Resynchronise", authcore.CodeForbidden, authcore.CodeInvalid, func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.Resynchronise(t.Context(), a, o.device, "000000", "000000")
		return err
	}},
	{"Sessions.List", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Sessions.List(t.Context(), a, o.user)
		return err
	}},
	{"Sessions.List of all", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, _ target) error {
		_, err := h.Sessions.List(t.Context(), a, "")
		return err
	}},
	{"Devices.Rename", "", "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.Rename(t.Context(), a, o.device, "a name")
		return err
	}},
	{"Devices.Block", "", authcore.CodeConflict, func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.Block(t.Context(), a, o.device)
		return err
	}},
	{"Devices.Unblock", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.Unblock(t.Context(), a, o.device)
		return err
	}},
	{"Devices.Deactivate", "", authcore.CodeConflict, func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Devices.Deactivate(t.Context(), a, o.device)
		return err
	}},
	{"Keys.Rotate", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, _ target) error {
		_, err := h.Keys.Rotate(t.Context(), a)
		return err
	}},
	{"RotateSeal", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, _ target) error {
		_, err := h.RotateSeal(t.Context(), a)
		return err
	}},
	{"Users.Invite", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Users.Invite(t.Context(), a, o.user)
		return err
	}},
	{"Users.SetDisabled", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Users.SetDisabled(t.Context(), a, o.user, true)
		return err
	}},
	{"Users.Remove", authcore.CodeForbidden, "", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, err := h.Users.Remove(t.Context(), a, o.user)
		return err
	}},
}

func answer(err error) string {
	if err == nil {
		return ""
	}
	var e *authcore.Error
	if !errors.As(err, &e) {
		return "foreign error: " + err.Error()
	}
	return string(e.Code) + ": " + e.Message
}

// DEV-02, law 1: nobody and a stranger get what an unknown id gets; an owner
// sees his own and changes nothing; an operator may.
func TestActors(t *testing.T) {
	h := newCore(t, nil)
	alice, mallory := h.member(t, "alice"), h.member(t, "mallory")
	stranger := authcore.ActingUser(h.passes(t, h.login(t, mallory).Token))
	his := func(session authcore.Login) target {
		return target{alice.user.ID, alice.device.Device.ID, session.Session.ID}
	}
	first, second := h.login(t, alice), h.login(t, alice)
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			unknown := target{uuid.NewString(), uuid.NewString(), uuid.NewString()}
			for name, actor := range map[string]authcore.Actor{
				"nobody": {}, "nobody's principal": authcore.ActingUser(nil),
				"an empty principal": authcore.ActingUser(&authcore.Principal{}), "a stranger": stranger,
			} {
				got, want := answer(m.call(t, h, actor, his(first))), answer(m.call(t, h, actor, unknown))
				if got == "" || got != want {
					t.Errorf("%s is told %q about what exists, %q about what does not", name, got, want)
				}
			}
			owner := h.fresh(alice.user) // in a session of his own: some of these end all
			if err := m.call(t, h, owner, his(first)); m.own == "" {
				must(t, err)
			} else {
				wantCode(t, err, m.own)
			}
			if err := m.call(t, h, authcore.Operator(), his(second)); m.operator == "" {
				must(t, err)
			} else {
				wantCode(t, err, m.operator)
			}
		})
	}
	for actor, want := range map[authcore.Actor]string{
		{}: "anonymous", authcore.Operator(): "operator", h.fresh(alice.user): "user:" + alice.user.ID,
	} {
		if actor.String() != want {
			t.Errorf("an actor is called %q, want %q", actor, want)
		}
	}
}

// DEV-02: a stranger's own name for a thing opens it no more than its id does.
func TestStrangersFindNothingByNameEither(t *testing.T) {
	h := newCore(t, nil)
	alice, mallory := h.member(t, "alice"), h.member(t, "mallory")
	stranger := authcore.ActingUser(h.passes(t, h.login(t, mallory).Token))
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			o := target{"alice", alice.device.Device.Serial, "alice"}
			unknown := target{"nobody", "no-such-serial", "nobody"}
			if got, want := answer(m.call(t, h, stranger, o)), answer(m.call(t, h, stranger, unknown)); got == "" || got != want {
				t.Errorf("told %q about what exists, %q about what does not", got, want)
			}
		})
	}
	h.login(t, alice)
}
