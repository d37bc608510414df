package authcore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/oath"
)

// DEV-01: a user registers an app for himself, with both factors fresh, in a session that
// stands; its key and serial are made here, and it is one of as many as he may have.
func TestRegisterOnesOwn(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	bob := h.user(t, "bob")
	me := h.fresh(m.user)
	app := authcore.Enrolment{Kind: authcore.KindTOTP, Name: "my app"}
	r, err := h.Devices.Register(t.Context(), me, app)
	must(t, err)
	if d := h.owned(t, r.Device.ID); d.UserID != m.user.ID || d.Status != authcore.StatusActive || d.Name != "my app" || d.Number == 0 || len(r.Secret) != 20 {
		t.Errorf("registered %+v", d)
	}
	_, err = h.Logins.Second(t.Context(), m.verified, authtest.TOTP(t, r.Secret, h.clock.Now()))
	must(t, err)
	none := 0
	for what, c := range map[string]struct {
		actor authcore.Actor
		e     authcore.Enrolment
		code  authcore.Code
	}{
		"an older password":      {h.acting(m.user, 11*time.Minute, 0), app, authcore.CodeStepUp},
		"an older code":          {h.acting(m.user, 0, 11*time.Minute), app, authcore.CodeStepUp},
		"for another":            {me, authcore.Enrolment{Kind: authcore.KindTOTP, User: "bob"}, authcore.CodeNotFound},
		"for another, by his ID": {me, authcore.Enrolment{Kind: authcore.KindTOTP, User: bob.ID}, authcore.CodeNotFound},
		"a code generator":       {me, authcore.Enrolment{Kind: authcore.KindHOTP}, authcore.CodeForbidden},
		"an e-mail":              {me, authcore.Enrolment{Kind: authcore.KindEmail, Address: "a@example.com"}, authcore.CodeForbidden},
		"a phone":                {me, authcore.Enrolment{Kind: authcore.KindPhone, Address: "+79001234567"}, authcore.CodeForbidden},
		"a program":              {me, authcore.Enrolment{Kind: authcore.KindHTTP, Address: "https://example.com"}, authcore.CodeForbidden},
		"a broker":               {me, authcore.Enrolment{Kind: authcore.KindStomp, Address: "/queue/a"}, authcore.CodeForbidden},
		"backup codes":           {me, authcore.Enrolment{Kind: authcore.KindBackup}, authcore.CodeForbidden},
		"a browser":              {me, authcore.Enrolment{Kind: authcore.KindClient}, authcore.CodeForbidden},
		"a secret of his":        {me, authcore.Enrolment{Kind: authcore.KindTOTP, Secret: oath.NewSecret()}, authcore.CodeForbidden},
		"a serial of his":        {me, authcore.Enrolment{Kind: authcore.KindTOTP, Serial: "MINE"}, authcore.CodeForbidden},
		"a PIN of his":           {me, authcore.Enrolment{Kind: authcore.KindTOTP, PIN: "1234"}, authcore.CodeForbidden},
		"a look-ahead":           {me, authcore.Enrolment{Kind: authcore.KindTOTP, LookAhead: &none}, authcore.CodeForbidden},
		"one that awaits":        {me, authcore.Enrolment{Kind: authcore.KindTOTP, Awaits: authcore.AwaitsCodes}, authcore.CodeForbidden},
		"a name":                 {me, authcore.Enrolment{Kind: authcore.KindTOTP, LogsIn: true}, authcore.CodeForbidden},
		"a welcome":              {me, authcore.Enrolment{Kind: authcore.KindTOTP, Welcome: authcore.KindEmail}, authcore.CodeForbidden},
		"nobody":                 {authcore.Actor{}, app, authcore.CodeForbidden},
	} {
		before := len(h.everyDevice(t))
		if r, err := h.Devices.Register(t.Context(), c.actor, c.e); authcore.CodeOf(err) != c.code || err == nil || r.Secret != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := h.Devices.Check(t.Context(), c.actor, c.e); authcore.CodeOf(err) != c.code || err == nil {
			t.Errorf("%s, checked: %v", what, err)
		}
		if after := len(h.everyDevice(t)); after != before {
			t.Errorf("%s: %d devices, and %d before", what, after, before)
		}
	}
	ended := h.fresh(m.user)
	_, err = h.Sessions.RevokeOthers(t.Context(), me)
	must(t, err)
	_, err = h.Devices.Register(t.Context(), ended, app)
	wantCode(t, err, authcore.CodeUnauthenticated)
	for range 3 {
		must(t, second(h.Devices.Register(t.Context(), me, app)))
	}
	_, err = h.Devices.Register(t.Context(), me, app)
	wantCode(t, err, authcore.CodeConflict) // five
}

func (h *house) everyDevice(t testing.TB) (devices []authcore.Device) {
	t.Helper()
	h.read(t, func(tx authcore.Tx) (err error) { devices, err = tx.Devices("", ""); return err })
	return devices
}

// A check says what registering would, and leaves nothing of it.
func TestCheck(t *testing.T) {
	h, outbox := phones(t, nil)
	h.person(t, "alice", mail)
	e := authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP, Serial: "S-1", Notified: true, Dialect: dialect, Attributes: authcore.Attributes{"a": "b"}}
	must(t, h.Devices.Check(t.Context(), erp(), e))
	must(t, h.Devices.Check(t.Context(), erp(), e))
	if devices, told := h.everyDevice(t), h.news(t, outbox, 0); len(devices) != 0 || len(told) != 0 || len(h.reasons(t, "device.add")) != 0 {
		t.Errorf("there are %v, told %q", devices, told)
	}
	r := h.register(t, erp(), e)
	if !r.Device.Notified || r.Device.Version != 1 {
		t.Errorf("registered %+v", r.Device)
	}
	err := h.Devices.Check(t.Context(), erp(), e)
	wantReason(t, err, authcore.CodeConflict, authcore.ReasonSerialTaken)
	err = h.Devices.Check(t.Context(), erp(), authcore.Enrolment{User: "nobody", Kind: authcore.KindTOTP})
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoUser)
	err = h.Devices.Check(t.Context(), erp(), authcore.Enrolment{Kind: authcore.KindTOTP, Notified: true})
	wantCode(t, err, authcore.CodeInvalid) // in stock
	err = h.Devices.Check(t.Context(), erp(), authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP, LogsIn: true})
	wantCode(t, err, authcore.CodeInvalid)
}

// DEV-01, DEV-03: its owner changes a name as he likes, where he is told with fresh factors,
// and a status as he may block and deactivate.
func TestChangeOnesOwn(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	id := m.device.Device.ID
	stale, me := h.acting(m.user, time.Hour, time.Hour), h.fresh(m.user)
	h.changed(t, stale, id, authcore.DeviceChanges{Name: new("mine"), Dialect: "elcoin", Attributes: authcore.Attributes{"os": "x"}})
	a, err := h.Devices.Attributes(t.Context(), stale, id, "elcoin")
	if must(t, err); !cmp.Equal(a, authcore.Attributes{"os": "x"}) {
		t.Errorf("remembered %v", a)
	}
	app := h.put(t, m.user, authcore.KindMobile, authcore.StatusActive)
	for what, c := range map[string]struct {
		id    string
		actor authcore.Actor
		c     authcore.DeviceChanges
		code  authcore.Code
	}{
		"where he is told, later":  {id, stale, authcore.DeviceChanges{Notified: new(true)}, authcore.CodeStepUp},
		"where it is woken, later": {app, stale, authcore.DeviceChanges{Address: new("x")}, authcore.CodeStepUp},
		"block, later":             {id, stale, authcore.DeviceChanges{Status: new(authcore.StatusBlocked)}, authcore.CodeStepUp},
		"deactivate, later":        {id, stale, authcore.DeviceChanges{Status: new(authcore.StatusDeactivated)}, authcore.CodeStepUp},
		"block the last one":       {id, me, authcore.DeviceChanges{Status: new(authcore.StatusBlocked)}, authcore.CodeConflict},
		"deactivate the last one":  {id, me, authcore.DeviceChanges{Status: new(authcore.StatusDeactivated)}, authcore.CodeConflict},
		"of another":               {id, h.fresh(h.user(t, "bob")), authcore.DeviceChanges{Name: new("his")}, authcore.CodeNotFound},
		"by nobody":                {id, authcore.Actor{}, authcore.DeviceChanges{Name: new("his")}, authcore.CodeNotFound},
	} {
		before := h.owned(t, c.id)
		if _, err := h.Devices.Change(t.Context(), c.actor, c.id, c.c); authcore.CodeOf(err) != c.code || err == nil {
			t.Errorf("%s: %v", what, err)
		}
		if diff := cmp.Diff(before, h.owned(t, c.id)); diff != "" {
			t.Errorf("%s changed it: %s", what, diff)
		}
	}
	h.changed(t, me, id, authcore.DeviceChanges{Notified: new(true)})
	h.changed(t, me, app, authcore.DeviceChanges{Address: new("x")})
	h.device(t, "alice", authcore.KindTOTP)
	h.changed(t, me, id, authcore.DeviceChanges{Status: new(authcore.StatusBlocked)})
	_, err = h.Devices.Change(t.Context(), me, id, authcore.DeviceChanges{Status: new(authcore.StatusActive)})
	wantCode(t, err, authcore.CodeForbidden)
	ended := h.fresh(m.user)
	must(t, second(h.Sessions.RevokeOthers(t.Context(), me)))
	_, err = h.Devices.Change(t.Context(), ended, id, authcore.DeviceChanges{Notified: new(false)})
	wantCode(t, err, authcore.CodeUnauthenticated)
}
