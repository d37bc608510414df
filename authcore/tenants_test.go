package authcore_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// integratorMethods is every method by which an integrator asks for a thing by a
// name, a serial or an ID. A method that is new has a line here.
var integratorMethods = []struct {
	name string
	call func(t *testing.T, h *house, a authcore.Actor, o target) error
}{
	{"Users.Get", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.Get(t.Context(), a, o.user))
	}},
	{"Users.Identities", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.Identities(t.Context(), a, o.user))
	}},
	{"Users.SetDisabled", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.SetDisabled(t.Context(), a, o.user, true))
	}},
	{"Users.SetPassword", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.SetPassword(t.Context(), a, o.user, password))
	}},
	{"Users.Attributes", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.Attributes(t.Context(), a, o.user, "fake"))
	}},
	{"Users.CheckPassword", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.CheckPassword(t.Context(), a, o.user, password, authcore.Origin{Address: "192.0.2.1"}))
	}},
	{"Users.Update", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.Update(t.Context(), a, o.user, authcore.Changes{Disabled: new(bool)}))
	}},
	{"Users.RemoveAlone", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.RemoveAlone(t.Context(), a, o.user))
	}},
	{"Users.Remove", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Users.Remove(t.Context(), a, o.user))
	}},
	{"Devices.List", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.List(t.Context(), a, o.user))
	}},
	{"Devices.Get", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, _, err := h.Devices.Get(t.Context(), a, o.device)
		return err
	}},
	{"Devices.Register", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Register(t.Context(), a, authcore.Enrolment{User: o.user, Kind: authcore.KindTOTP}))
	}},
	{"Devices.Check", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return h.Devices.Check(t.Context(), a, authcore.Enrolment{User: o.user, Kind: authcore.KindTOTP})
	}},
	{"Devices.Find", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, _, err := h.Devices.Find(t.Context(), a, authcore.DeviceQuery{UserID: o.user, Limit: 9})
		return err
	}},
	{"Devices.Change", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		name := "a name"
		return second(h.Devices.Change(t.Context(), a, o.device, authcore.DeviceChanges{Name: &name}))
	}},
	{"Devices.CheckChange", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		status := authcore.StatusBlocked
		return second(h.Devices.CheckChange(t.Context(), a, o.device, authcore.DeviceChanges{Status: &status}))
	}},
	{"Devices.Resynchronise", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Resynchronise(t.Context(), a, o.device, "000000", "000000"))
	}},
	{"Devices.Assign to a user", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Assign(t.Context(), a, "OWN-1", o.user, false))
	}},
	{"Devices.Assign to its own user", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Assign(t.Context(), a, o.device, "bob", false))
	}},
	{"Devices.Assign by force", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Assign(t.Context(), a, o.device, "bob", true))
	}},
	{"Devices.Unassign", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Unassign(t.Context(), a, o.device))
	}},
	{"Devices.Attributes", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Attributes(t.Context(), a, o.device, "fake"))
	}},
	{"Devices.Claim", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Claim(t.Context(), a, o.device, "fake", "physical_device", "P"))
	}},
	{"Devices.Show", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		_, _, err := h.Devices.Show(t.Context(), a, o.device, "")
		return err
	}},
	{"Devices.Validate of a user", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Validate(t.Context(), a, authcore.Checked{User: o.user, Code: "000000"}))
	}},
	{"Devices.Validate of a device", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Validate(t.Context(), a, authcore.Checked{Device: o.device, Code: "000000"}))
	}},
	{"Devices.Validate of both", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Validate(t.Context(), a, authcore.Checked{User: "bob", Device: o.device, Code: "000000"}))
	}},
	{"Devices.SendCode to a user", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.SendCode(t.Context(), a, authcore.CodeToSend{User: o.user, By: authcore.KindPhone}))
	}},
	{"Devices.SendCode for a device", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.SendCode(t.Context(), a, authcore.CodeToSend{Device: o.device, By: authcore.KindPhone}))
	}},
	{"Devices.Rename", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Rename(t.Context(), a, o.device, "a name"))
	}},
	{"Devices.Block", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Block(t.Context(), a, o.device))
	}},
	{"Devices.Unblock", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Unblock(t.Context(), a, o.device))
	}},
	{"Devices.Deactivate", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Deactivate(t.Context(), a, o.device))
	}},
	{"Devices.Delete", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Delete(t.Context(), a, o.device, authcore.Origin{}))
	}},
	{"Devices.Remove", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Devices.Remove(t.Context(), a, o.device))
	}},
	{"Sessions.Open", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Sessions.Open(t.Context(), a, authcore.Opening{User: o.user, Password: password, Lifetime: time.Hour, From: authcore.Origin{Address: "192.0.2.1"}}))
	}},
	{"Sessions.Opened", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Sessions.Opened(t.Context(), a, o.session))
	}},
	{"Sessions.Close", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Sessions.Close(t.Context(), a, o.session))
	}},
	{"Sessions.List", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Sessions.List(t.Context(), a, o.user))
	}},
	{"Sessions.Revoke", func(t *testing.T, h *house, a authcore.Actor, o target) error {
		return second(h.Sessions.Revoke(t.Context(), a, o.session))
	}},
}

// Law: object checks. What is of another tenant reads exactly like what does not
// exist, by whatever it is named, and costs the same; and nothing of it changes.
func TestTenantsDoNotSeeEachOther(t *testing.T) {
	h := newCore(t, nil)
	alice := h.member(t, "alice") // of the default tenant
	session := h.login(t, alice)
	ours, theirs := h.integrator(t, "ours", ""), h.integrator(t, "theirs", "other")
	opened, err := h.Sessions.Open(t.Context(), ours, authcore.Opening{User: "alice", Password: password, Lifetime: time.Hour})
	must(t, err)
	h.ownThings(t, theirs)
	before := h.everything(t, alice, session)
	unknown := target{uuid.NewString(), uuid.NewString(), uuid.NewString()}
	nowhere := target{"nobody", "no-such-serial", uuid.NewString()}
	for _, m := range integratorMethods {
		t.Run(m.name, func(t *testing.T) {
			for what, c := range map[string]struct{ exists, not target }{
				"by ID":                               {target{alice.user.ID, alice.device.Device.ID, session.Session.ID}, unknown},
				"a session that an integrator opened": {target{alice.user.ID, alice.device.Device.ID, opened.ID}, unknown},
				"by name":                             {target{"alice", alice.device.Device.Serial, session.Session.ID}, nowhere},
			} {
				got, want := h.told(t, m.call, theirs, c.exists), h.told(t, m.call, theirs, c.not)
				code := authcore.CodeNotFound
				if slices.Contains([]string{"Users.CheckPassword", "Sessions.Open"}, m.name) { // as a wrong password
					code = authcore.CodeUnauthenticated
				}
				if got != want || got.code != code {
					t.Errorf("%s: spent %+v on what is another's, %+v on what does not exist", what, got, want)
				}
			}
		})
	}
	if diff := cmp.Diff(before, h.everything(t, alice, session)); diff != "" {
		t.Errorf("another tenant's integrator changed (-before +after):\n%s", diff)
	}
	h.passes(t, session.Token)
	must(t, second(h.Sessions.Opened(t.Context(), ours, opened.ID)))
}

// ownThings are a user without a device, and a device in stock, of an integrator's.
func (h *house) ownThings(t *testing.T, a authcore.Actor) {
	t.Helper()
	_, err := h.Users.Add(t.Context(), a, authcore.NewUser{Name: "bob", Password: password})
	must(t, err)
	_, err = h.Devices.Register(t.Context(), a, authcore.Enrolment{Kind: authcore.KindTOTP, Serial: "OWN-1"})
	must(t, err)
}

// told is how a call was answered, and at what cost.
func (h *house) told(t *testing.T, call func(*testing.T, *house, authcore.Actor, target) error, a authcore.Actor, o target) spent {
	t.Helper()
	h.faults.Reset()
	err := call(t, h, a, o)
	return spent{authcore.CodeOf(err), answer(err) + "|" + string(authcore.ReasonOf(err)), 0, h.faults.Count(), h.faults.Begins(), 0}
}

// everything is what there is to be changed of somebody.
func (h *house) everything(t *testing.T, m *member, l authcore.Login) []any {
	t.Helper()
	var all []any
	h.read(t, func(tx authcore.Tx) error {
		u, err := tx.UserByID(m.user.ID)
		must(t, err)
		devices, err := tx.Devices(u.Tenant, u.ID)
		must(t, err)
		tries, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: m.device.Device.ID})
		must(t, err)
		passwords, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptPassword, Subject: u.ID})
		must(t, err)
		s, err := tx.SessionByID(l.Session.ID)
		all = []any{u, devices, tries, passwords, s}
		return err
	})
	return all
}

// Names and serials are of a tenant: the same ones in another are other things, and
// an integrator sees and lists its own.
func TestIntegratorsWorkInTheirTenant(t *testing.T) {
	h := newCore(t, nil)
	h.member(t, "alice")
	ours, theirs := h.integrator(t, "ours", ""), h.integrator(t, "theirs", "other")
	u, err := h.Users.Add(t.Context(), theirs, authcore.NewUser{Name: "alice", Email: "alice@example.com", Password: password})
	must(t, err)
	serials := map[string]authcore.Device{}
	for tenant, a := range map[string]authcore.Actor{authcore.DefaultTenant: ours, "other": theirs} {
		r, err := h.Devices.Register(t.Context(), a, authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP, Serial: "TOKEN-1"})
		must(t, err)
		d, _, err := h.Devices.Get(t.Context(), a, "TOKEN-1")
		must(t, err)
		if serials[tenant] = d; d.ID != r.Device.ID || d.Tenant != tenant {
			t.Errorf("TOKEN-1 of %s is %+v", tenant, d)
		}
		users, err := h.Users.List(t.Context(), a)
		must(t, err)
		devices, err := h.Devices.List(t.Context(), a, "")
		must(t, err)
		for _, u := range users {
			if u.Tenant != tenant || u.Name != "alice" {
				t.Errorf("the list of %s has %+v", tenant, u)
			}
		}
		for _, d := range devices {
			if d.Tenant != tenant {
				t.Errorf("the list of %s has %+v", tenant, d)
			}
		}
		if len(users) != 1 || len(devices) == 0 {
			t.Errorf("the lists of %s have %d users and %d devices", tenant, len(users), len(devices))
		}
	}
	if serials["other"].UserID != u.ID || serials["other"].ID == serials[authcore.DefaultTenant].ID {
		t.Errorf("the serials name %+v", serials)
	}
	// An operator looks names up where he says, and sees all by ID.
	for tenant, d := range serials {
		named, _, err := h.Devices.Get(t.Context(), authcore.OperatorIn(tenant), "TOKEN-1")
		must(t, err)
		byID, _, err := h.Devices.Get(t.Context(), authcore.Operator(), d.ID)
		must(t, err)
		if named.ID != d.ID || byID.ID != d.ID {
			t.Errorf("an operator in %s finds %+v and %+v", tenant, named, byID)
		}
	}
	if found, err := h.Users.Get(t.Context(), authcore.OperatorIn(""), "alice"); err != nil || found.Tenant != authcore.DefaultTenant {
		t.Errorf("an operator of no tenant finds %+v, %v", found, err)
	}
	// Its own it may change.
	h.ownThings(t, theirs)
	for _, m := range integratorMethods {
		err := m.call(t, h, theirs, target{"alice", "TOKEN-1", uuid.NewString()})
		if authcore.CodeOf(err) == authcore.CodeForbidden && authcore.ReasonOf(err) == "" || authcore.ReasonOf(err) == authcore.ReasonNoUser {
			t.Errorf("%s of its own: %v", m.name, err)
		}
		if strings.HasPrefix(m.name, "Users.Remove") {
			must(t, err)
			u, err = h.Users.Add(t.Context(), theirs, authcore.NewUser{Name: "alice", Password: password})
			must(t, err)
		}
	}
}

// What holds for every tenant, and what lets people in, is an operator's.
func TestIntegratorsAreNoOperators(t *testing.T) {
	h, _ := withSource(t)
	a := h.integrator(t, "acme", "")
	h.user(t, "alice")
	for name, err := range map[string]error{
		"Keys.Rotate":        second(h.Keys.Rotate(t.Context(), a)),
		"RotateSeal":         second(h.RotateSeal(t.Context(), a)),
		"Restored":           second(h.Restored(t.Context(), a)),
		"Users.Invite":       second(h.Users.Invite(t.Context(), a, "alice")),
		"Users.Link":         second(h.Users.Link(t.Context(), a, "alice", "google", "1")),
		"Users.Unlink":       second(h.Users.Unlink(t.Context(), a, "alice", "google", "1")),
		"Sessions.List":      second(h.Sessions.List(t.Context(), a, "")),
		"Integrators.List":   second(h.Integrators.List(t.Context(), a)),
		"Integrators.Remove": second(h.Integrators.Remove(t.Context(), a, "acme")),
		"Integrators.Add": func() error {
			_, key, err := h.Integrators.Add(t.Context(), a, authcore.Integrator{Name: "more", Dialect: "fake"})
			if key != "" {
				t.Error("a refusal came with a key")
			}
			return err
		}(),
	} {
		if authcore.CodeOf(err) != authcore.CodeForbidden {
			t.Errorf("%s: %v, want %s", name, err, authcore.CodeForbidden)
		}
	}
	if list, err := h.Integrators.List(t.Context(), authcore.Operator()); err != nil || len(list) != 1 {
		t.Errorf("there are %v, %v", list, err)
	}
}
