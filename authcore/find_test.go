package authcore_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
)

// DEV-02: devices are found in the tenant of who asks, and a user finds his own.
func TestFindDevices(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	app := h.device(t, "alice", authcore.KindTOTP).Device
	ours, theirs := h.integrator(t, "ours", ""), h.integrator(t, "theirs", "other")
	h.ownThings(t, theirs)
	a, b := alice.device.Device.ID, bob.device.Device.ID
	for what, c := range map[string]struct {
		actor authcore.Actor
		q     authcore.DeviceQuery
		want  []string
		total int64
	}{
		"all":                         {ours, authcore.DeviceQuery{Limit: 9}, []string{a, b, app.ID}, 3},
		"another tenant's":            {ours, authcore.DeviceQuery{Limit: 9, Tenant: "other"}, []string{a, b, app.ID}, 3},
		"a page":                      {ours, authcore.DeviceQuery{Limit: 1, Offset: 1}, []string{b}, 3},
		"how many":                    {ours, authcore.DeviceQuery{}, nil, 3},
		"a user's, by name":           {ours, authcore.DeviceQuery{Limit: 9, UserID: "Alice"}, []string{a, app.ID}, 2},
		"a user's, by ID":             {ours, authcore.DeviceQuery{Limit: 9, UserID: alice.user.ID}, []string{a, app.ID}, 2},
		"an operator's":               {authcore.Operator(), authcore.DeviceQuery{Limit: 9}, []string{a, b, app.ID}, 3},
		"his own":                     {h.fresh(bob.user), authcore.DeviceQuery{Limit: 9}, []string{b}, 1},
		"his own, of any kind":        {h.fresh(bob.user), authcore.DeviceQuery{Limit: 9, Kinds: []authcore.DeviceKind{authcore.KindTOTP}}, nil, 0},
		"another's, by its number":    {h.fresh(bob.user), authcore.DeviceQuery{Limit: 9, Numbers: []int64{app.Number}}, nil, 0},
		"his own, by their number":    {h.fresh(alice.user), authcore.DeviceQuery{Limit: 9, Numbers: []int64{app.Number}}, []string{app.ID}, 1},
		"those of a tenant, by their": {theirs, authcore.DeviceQuery{Limit: 9, Numbers: []int64{app.Number}}, nil, 0},
	} {
		devices, total, err := h.Devices.Find(t.Context(), c.actor, c.q)
		must(t, err)
		var got []string
		for _, d := range devices {
			got = append(got, d.ID)
		}
		if !slices.Equal(got, c.want) || total != c.total {
			t.Errorf("%s: %v of %d, want %v of %d", what, got, total, c.want, c.total)
		}
	}
	for what, c := range map[string]struct {
		actor authcore.Actor
		q     authcore.DeviceQuery
		code  authcore.Code
	}{
		"another's":       {h.fresh(bob.user), authcore.DeviceQuery{UserID: alice.user.ID}, authcore.CodeNotFound},
		"nobody's":        {ours, authcore.DeviceQuery{UserID: "nobody"}, authcore.CodeNotFound},
		"by nobody":       {authcore.Actor{}, authcore.DeviceQuery{}, authcore.CodeForbidden},
		"too many":        {ours, authcore.DeviceQuery{Limit: 1001}, authcore.CodeInvalid},
		"fewer than none": {ours, authcore.DeviceQuery{Limit: -1}, authcore.CodeInvalid},
		"before all":      {ours, authcore.DeviceQuery{Offset: -1}, authcore.CodeInvalid},
		"1001 numbers":    {ours, authcore.DeviceQuery{Numbers: make([]int64, 1001)}, authcore.CodeInvalid},
	} {
		if devices, total, err := h.Devices.Find(t.Context(), c.actor, c.q); authcore.CodeOf(err) != c.code || err == nil || devices != nil || total != 0 {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// DEV-02: a number that is not the actor's reads like one that nothing has.
func TestByNumber(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	number := alice.device.Device.Number
	for _, actor := range []authcore.Actor{authcore.Operator(), erp(), h.fresh(alice.user)} {
		d, err := h.Devices.ByNumber(t.Context(), actor, number)
		if must(t, err); d.ID != alice.device.Device.ID {
			t.Errorf("%s finds %+v", actor, d)
		}
	}
	_, none := h.Devices.ByNumber(t.Context(), erp(), 1<<40)
	wantReason(t, none, authcore.CodeNotFound, authcore.ReasonNoDevice)
	for _, actor := range []authcore.Actor{authcore.ActingIntegrator(dialect, "acme"), h.fresh(bob.user), {}} {
		if d, err := h.Devices.ByNumber(t.Context(), actor, number); answer(err) != answer(none) || d.ID != "" {
			t.Errorf("%s finds %+v, %v", actor, d, err)
		}
	}
}

// What was never used is removed, and whatever was is deactivated: nothing that it did is
// forgotten.
func TestDelete(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	from := authcore.Origin{Address: "192.0.2.7", RequestID: "r"}
	login := h.login(t, m)
	d, err := h.Devices.Delete(t.Context(), erp(), m.device.Device.ID, from)
	if must(t, err); d.Status != authcore.StatusDeactivated || h.owned(t, d.ID).Status != authcore.StatusDeactivated || d.Epoch != 1 || d.Version != 2 {
		t.Errorf("one that was used: %+v", d)
	}
	h.refuses(t, login.Token)
	h.again(t, nil).refuses(t, login.Token)
	_, err = h.Devices.Delete(t.Context(), erp(), d.ID, from)
	wantCode(t, err, authcore.CodeConflict)
	unused := h.device(t, "alice", authcore.KindTOTP).Device
	gone, err := h.Devices.Delete(t.Context(), erp(), unused.ID, from)
	if must(t, err); gone.ID != unused.ID || gone.Status != authcore.StatusActive {
		t.Errorf("one that was not: %+v", gone)
	}
	_, _, err = h.Devices.Get(t.Context(), erp(), unused.ID)
	wantCode(t, err, authcore.CodeNotFound)
	for action, id := range map[string]string{"device.deactivate": d.ID, "device.remove": unused.ID} {
		if rows := h.events(t, action); len(rows) != 1 || rows[0].DeviceID != id || rows[0].Address != from.Address || rows[0].RequestID != "r" {
			t.Errorf("%s: %+v", action, rows)
		}
	}
	codes := h.put(t, m.user, authcore.KindBackup, authcore.StatusActive)
	if d, err = h.Devices.Delete(t.Context(), erp(), codes, from); err != nil || d.Status != authcore.StatusDeactivated {
		t.Errorf("backup codes: %+v, %v", d, err)
	}
	_, err = h.Devices.Delete(t.Context(), erp(), uuid.NewString(), from)
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
}

// DEV-01: its owner deletes with fresh factors, and not the last one.
func TestDeleteOnesOwn(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	id := m.device.Device.ID
	_, err := h.Devices.Delete(t.Context(), h.fresh(m.user), id, authcore.Origin{})
	wantCode(t, err, authcore.CodeConflict)
	h.device(t, "alice", authcore.KindTOTP)
	_, err = h.Devices.Delete(t.Context(), h.acting(m.user, 0, time.Hour), id, authcore.Origin{})
	wantCode(t, err, authcore.CodeStepUp)
	_, err = h.Devices.Delete(t.Context(), h.fresh(h.user(t, "bob")), id, authcore.Origin{})
	wantCode(t, err, authcore.CodeNotFound)
	must(t, second(h.Devices.Delete(t.Context(), h.fresh(m.user), id, authcore.Origin{})))
	_, _, err = h.Devices.Get(t.Context(), authcore.Operator(), id)
	wantCode(t, err, authcore.CodeNotFound)
}
