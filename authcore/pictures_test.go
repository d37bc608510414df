package authcore_test

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// own is a device that the dialect registered, as change makes it, and its secret.
func (h *house) own(t testing.TB, change func(*authcore.Device)) (authcore.Device, []byte) {
	t.Helper()
	d, secret := h.fob(t, change)
	h.remember(t, authcore.SubjectDevice, d.ID)
	return d, secret
}

func (h *house) remember(t testing.TB, kind authcore.SubjectKind, id string) {
	t.Helper()
	h.write(t, func(tx authcore.Tx) error {
		return tx.SetAttributes(authcore.Subject{Kind: kind, ID: id}, dialect, authcore.Attributes{"device_type": "2"})
	})
}

func (h *house) shown(t testing.TB, id string) string {
	t.Helper()
	token, expires, err := h.Devices.Show(t.Context(), erp(), id, "")
	must(t, err)
	if left := expires.Sub(h.clock.Now()); left != authcore.PictureLifetime || left > 15*time.Minute {
		t.Errorf("it waits for %s", left)
	}
	return token
}

func (h *house) take(t testing.TB, token string) (string, error) {
	t.Helper()
	return h.Devices.Take(t.Context(), token, authcore.Origin{Address: "192.0.2.9", RequestID: "r9"})
}

// HND-03: the first reader gets the key, and nobody after him; nor does anybody get a
// picture of it any more. The token is not in the store.
func TestKeyIsShownToItsFirstReader(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d, secret := h.own(t, func(d *authcore.Device) { d.UserID, d.LastCounter = u.ID, 4 })
	token := h.shown(t, d.Serial)
	for range 2 { // to look takes nothing
		if got, err := h.Devices.Shown(t.Context(), token); err != nil || got.ID != d.ID {
			t.Fatalf("shown: %+v, %v", got, err)
		}
	}
	h.read(t, func(tx authcore.Tx) error {
		if _, err := tx.Picture([]byte(token)); err == nil {
			t.Error("the token itself is in the store")
		}
		return nil
	})
	uri, err := h.take(t, token)
	must(t, err)
	link, err := url.Parse(uri)
	must(t, err)
	got, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(link.Query().Get("secret"))
	must(t, err)
	if string(got) != string(secret) || link.Host != "hotp" || link.Query().Get("counter") != "5" || link.Path != "/Doorward:alice" {
		t.Errorf("%s", strings.ReplaceAll(uri, link.Query().Get("secret"), "…"))
	}
	if uri, err := h.take(t, token); uri != "" {
		t.Error("a second reader got it")
	} else {
		wantCode(t, err, authcore.CodeNotFound)
	}
	_, err = h.Devices.Shown(t.Context(), token)
	wantCode(t, err, authcore.CodeNotFound)
	_, _, err = h.Devices.Show(t.Context(), erp(), d.ID, "")
	wantReason(t, err, authcore.CodeConflict, "")
	rows := h.events(t, "device.key_shown")
	if len(rows) != 1 || rows[0].Actor != "anonymous" || rows[0].Address != "192.0.2.9" || rows[0].RequestID != "r9" || rows[0].DeviceID != d.ID || rows[0].UserID != u.ID {
		t.Errorf("audited %+v", rows)
	}
	if asked := h.events(t, "device.show_key"); len(asked) != 1 || asked[0].Actor != "integrator:erp" {
		t.Errorf("audited %+v", asked)
	}
}

// The account that an app shows: what was said, or the user, or the serial; the key of
// a device by time has no counter.
func TestLabelOfAPicture(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	for _, c := range []struct{ user, label, want string }{{u.ID, "Alice at work", "/Doorward:Alice at work"}, {u.ID, "", "/Doorward:alice"}, {"", "", ""}} {
		d, _ := h.own(t, func(d *authcore.Device) { d.UserID, d.Kind, d.Period = c.user, authcore.KindTOTP, 30 })
		token, _, err := h.Devices.Show(t.Context(), erp(), d.ID, c.label)
		must(t, err)
		uri, err := h.take(t, token)
		must(t, err)
		link, err := url.Parse(uri)
		must(t, err)
		if want := c.want; link.Path != want && (want != "" || link.Path != "/Doorward:"+d.Serial) || link.Query().Get("period") != "30" || link.Query().Has("counter") {
			t.Errorf("%+v: %s", c, link.Path)
		}
	}
	d, _ := h.own(t, nil)
	for _, label := range []string{"a\nb", "\u202eab", strings.Repeat("x", 65), "\xff"} {
		_, _, err := h.Devices.Show(t.Context(), erp(), d.ID, label)
		wantCode(t, err, authcore.CodeInvalid)
	}
}

// HND-03, law 11: no key is shown that an operator or a file had, of another dialect's
// device, of one that does not count, or of what has none.
func TestKeysThatAreNotShown(t *testing.T) {
	h := newCore(t, nil)
	registered := h.device(t, h.user(t, "alice").Name, authcore.KindTOTP).Device
	imported, _ := h.fob(t, nil)
	for what, c := range map[string]struct {
		id     string
		actor  authcore.Actor
		code   authcore.Code
		reason authcore.Reason
	}{
		"an operator's": {registered.ID, erp(), authcore.CodeConflict, ""},
		"imported":      {imported.ID, erp(), authcore.CodeConflict, ""},
		"by another dialect": {
			func() string { d, _ := h.own(t, nil); return d.ID }(),
			authcore.ActingIntegrator("other", authcore.DefaultTenant), authcore.CodeConflict, "",
		},
		"by an operator": {func() string { d, _ := h.own(t, nil); return d.ID }(), authcore.Operator(), authcore.CodeConflict, ""},
		"blocked":        {h.owning(t, authcore.KindHOTP, authcore.StatusBlocked), erp(), authcore.CodeConflict, authcore.ReasonInactive},
		"deactivated":    {h.owning(t, authcore.KindHOTP, authcore.StatusDeactivated), erp(), authcore.CodeConflict, authcore.ReasonInactive},
		"rejected":       {h.owning(t, authcore.KindHOTP, authcore.StatusRejected), erp(), authcore.CodeConflict, authcore.ReasonInactive},
		"a phone":        {h.owning(t, authcore.KindPhone, authcore.StatusActive), erp(), authcore.CodeInvalid, ""},
		"backup codes":   {h.owning(t, authcore.KindBackup, authcore.StatusActive), erp(), authcore.CodeInvalid, ""},
	} {
		token, _, err := h.Devices.Show(t.Context(), c.actor, c.id, "")
		if wantReason(t, err, c.code, c.reason); token != "" {
			t.Errorf("%s: there is a token", what)
		}
	}
	h.shown(t, h.owning(t, authcore.KindHOTP, authcore.StatusPending))
	// What is claimed of a device does not make it the dialect's own.
	for _, id := range []string{registered.ID, imported.ID} {
		claimed, err := h.Devices.Claim(t.Context(), erp(), id, dialect, "physical_device", "p1")
		if wantCode(t, err, authcore.CodeConflict); claimed {
			t.Error("claimed")
		}
		_, _, err = h.Devices.Show(t.Context(), erp(), id, "")
		wantCode(t, err, authcore.CodeConflict)
	}
}

func (h *house) owning(t testing.TB, kind authcore.DeviceKind, status authcore.DeviceStatus) string {
	t.Helper()
	d, _ := h.own(t, func(d *authcore.Device) { d.Kind, d.Status = kind, status })
	return d.ID
}

// HND-03: a picture that waits is given to nobody any more once it has expired, was
// replaced, or its device, or the device's user, may open nothing or is another's. All
// of it reads like a token that never was.
func TestPicturesThatAreNotGiven(t *testing.T) {
	operator := authcore.Operator()
	for what, end := range map[string]func(*testing.T, *house, authcore.Device) error{
		"replaced": func(t *testing.T, h *house, d authcore.Device) error { h.shown(t, d.ID); return nil },
		"expired": func(_ *testing.T, h *house, _ authcore.Device) error {
			h.clock.Turn(15 * time.Minute)
			return nil
		},
		"blocked": func(t *testing.T, h *house, d authcore.Device) error { return removals["block"](t, h, operator, d.ID) },
		"deactivated": func(t *testing.T, h *house, d authcore.Device) error {
			return removals["deactivate"](t, h, operator, d.ID)
		},
		"removed": func(t *testing.T, h *house, d authcore.Device) error {
			_, err := h.Devices.Remove(t.Context(), erp(), d.ID)
			return err
		},
		"another's": func(t *testing.T, h *house, d authcore.Device) error {
			_, err := h.Devices.Assign(t.Context(), erp(), d.ID, "bob", true)
			return err
		},
		"back in stock": func(t *testing.T, h *house, d authcore.Device) error {
			_, err := h.Devices.Unassign(t.Context(), erp(), d.ID)
			return err
		},
		"of a disabled user": func(t *testing.T, h *house, d authcore.Device) error {
			_, err := h.Users.SetDisabled(t.Context(), operator, d.UserID, true)
			return err
		},
		"of a user who was removed": func(t *testing.T, h *house, d authcore.Device) error {
			_, err := h.Users.RemoveAlone(t.Context(), operator, d.UserID)
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			h := newCore(t, nil)
			u := h.user(t, "alice")
			h.user(t, "bob")
			d, _ := h.own(t, func(d *authcore.Device) { d.UserID = u.ID })
			token := h.shown(t, d.ID)
			must(t, end(t, h, d))
			_, never := h.Devices.Shown(t.Context(), "")
			_, err := h.Devices.Shown(t.Context(), token)
			if wantCode(t, err, authcore.CodeNotFound); fmt.Sprint(err) != fmt.Sprint(never) {
				t.Errorf("%v, and of no token: %v", err, never)
			}
			uri, err := h.take(t, token)
			if wantCode(t, err, authcore.CodeNotFound); fmt.Sprint(err) != fmt.Sprint(never) || uri != "" {
				t.Errorf("%v, and of no token: %v", err, never)
			}
			if n := len(h.events(t, "device.key_shown")); n != 0 {
				t.Errorf("%d audited", n)
			}
		})
	}
}

// What was in stock when it was shown may be given to its first owner meanwhile: the
// picture is for him.
func TestPictureOfStock(t *testing.T) {
	h := newCore(t, nil)
	u := h.user(t, "alice")
	d, secret := h.own(t, nil)
	token := h.shown(t, d.ID)
	_, err := h.Devices.Assign(t.Context(), erp(), d.ID, u.ID, false)
	must(t, err)
	uri, err := h.take(t, token)
	must(t, err)
	if !strings.Contains(uri, "/Doorward:alice?") {
		t.Error("it is not shown as that of its owner")
	}
	login, err := h.Logins.Second(t.Context(), h.verified(t, "alice"), authtest.HOTP(t, secret, 0))
	must(t, err)
	h.passes(t, login.Token)
}

// HND-03: of many first readers at two gateways one gets the key, also when there is
// another picture before and after.
func TestOneOfManyReadersGetsTheKey(t *testing.T) {
	h := newCore(t, nil)
	nodes := []*house{h, h.again(t, nil)}
	d, _ := h.own(t, nil)
	token := h.shown(t, d.ID)
	if won := parallel(30, func(i int) error { _, err := nodes[i%2].take(t, token); return err }); won != 1 {
		t.Errorf("%d readers, want 1", won)
	}
}

// A dialect remembers of a device what it registered it with, and once what it claims;
// nobody reads what another dialect remembers.
func TestAttributes(t *testing.T) {
	h := newCore(t, nil)
	d, _ := h.own(t, nil)
	for _, c := range []struct {
		value string
		want  bool
	}{{"p1", true}, {"p2", false}, {"p1", true}} {
		claimed, err := h.Devices.Claim(t.Context(), erp(), d.Serial, dialect, "physical_device", c.value)
		if must(t, err); claimed != c.want {
			t.Errorf("%s: %v", c.value, claimed)
		}
	}
	a, err := h.Devices.Attributes(t.Context(), erp(), d.ID, dialect)
	if must(t, err); len(a) != 2 || a["physical_device"] != "p1" || a["device_type"] != "2" {
		t.Errorf("%v", a)
	}
	if reasons := h.reasons(t, "device.claim"); reasons[""] != 2 || reasons["claimed"] != 1 {
		t.Errorf("audited %v", reasons)
	}
	u := h.user(t, "alice")
	h.remember(t, authcore.SubjectUser, u.ID)
	a, err = h.Users.Attributes(t.Context(), erp(), "alice", dialect)
	if must(t, err); len(a) != 1 || a["device_type"] != "2" {
		t.Errorf("%v", a)
	}
	for who, actor := range map[string]authcore.Actor{"another dialect": authcore.ActingIntegrator("other", authcore.DefaultTenant), "a user": h.fresh(u), "nobody": {}} {
		_, err := h.Devices.Attributes(t.Context(), actor, d.ID, dialect)
		if want := map[string]authcore.Code{"a user": authcore.CodeNotFound}[who]; want != "" {
			wantCode(t, err, want) // of his own he may
		} else {
			wantCode(t, err, authcore.CodeForbidden)
		}
		_, err = h.Devices.Claim(t.Context(), actor, d.ID, dialect, "x", "y")
		wantCode(t, err, authcore.CodeForbidden)
		if a, err := h.Users.Attributes(t.Context(), actor, u.ID, dialect); authcore.CodeOf(err) != authcore.CodeForbidden || a != nil {
			t.Errorf("%s: %v, %v", who, a, err)
		}
	}
	_, err = h.Users.Attributes(t.Context(), authcore.ActingIntegrator(dialect, "acme"), u.ID, dialect)
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoUser)
	_, err = h.Devices.Attributes(t.Context(), authcore.Operator(), uuid.NewString(), dialect)
	wantReason(t, err, authcore.CodeNotFound, authcore.ReasonNoDevice)
}
