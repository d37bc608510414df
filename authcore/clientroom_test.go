package authcore_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// A user has so many client devices that count, may count or wait, and no more; what is
// retired makes room, and other devices have room of their own.
func TestRoomForClients(t *testing.T) {
	b := newBank(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Send.InARow = 1000
	})
	var keys []string
	for n := range authcore.MaxClients {
		keys = append(keys, uuid.NewString())
		d, token := b.asked(t, keys[n])
		if n%2 == 0 {
			_, err := b.validate(t, keys[n], token)
			must(t, err)
		}
		if n == 2 {
			_, err := b.Devices.Block(t.Context(), authcore.Operator(), d.ID)
			must(t, err)
		}
	}
	r := b.wants(uuid.NewString())
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, r)), authcore.CodeConflict, "")
	if _, token := b.asked(t, keys[0]); token == "" { // it is there already
		t.Error("nothing was sent")
	}
	other := b.wants(uuid.NewString())
	other.Document = bobs
	if _, err := b.Approvals.Ask(t.Context(), b.by, other); err != nil {
		t.Error(err)
	}
	for range 5 {
		b.device(t, "alice", authcore.KindTOTP)
	}
	if _, err := b.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP}); authcore.CodeOf(err) != authcore.CodeConflict {
		t.Errorf("a sixth device that makes codes: %v", err)
	}
	b.wrong(t, keys[1], 5)
	if _, err := b.Approvals.Ask(t.Context(), b.by, r); err != nil {
		t.Error(err)
	}
}

// Who asks for devices on an account shuts out no browser of their owner's, and his browsers
// no device of an account.
func TestRoomsOfClientsAreApart(t *testing.T) {
	for _, c := range []struct {
		name           string
		apps, browsers int
	}{{"apps", authcore.MaxClients, 0}, {"browsers", 0, authcore.MaxClients}} {
		t.Run(c.name, func(t *testing.T) {
			b := newBank(t, nil)
			for range c.apps {
				b.ownBrowser(t, b.alice, authcore.StatusPending, b.account.ID)
			}
			for range c.browsers {
				b.ownBrowser(t, b.alice, authcore.StatusActive, "")
			}
			_, app := b.Approvals.Ask(t.Context(), b.by, b.wants(uuid.NewString()))
			_, _, browser := b.Approvals.AskOwn(t.Context(), b.fresh(b.alice), authcore.OwnRequest{Name: "laptop", Way: authcore.WayDevice})
			full, open := app, browser
			if c.apps == 0 {
				full, open = browser, app
			}
			refused(t, full, authcore.CodeConflict, "")
			if open != nil {
				t.Errorf("the other is shut out: %v", open)
			}
		})
	}
}

// Law 7: a client device is nobody's first: who has one, and nothing that makes codes, enrols
// his first device with a password as before, and his client device stays.
func TestClientIsNoFirstDevice(t *testing.T) {
	b := newBank(t, nil)
	active, pending := uuid.NewString(), uuid.NewString()
	b.approved(t, active)
	b.asked(t, pending)
	v := b.verified(t, "alice")
	r, err := b.Logins.SetApp(t.Context(), v)
	must(t, err)
	login, err := b.Logins.Second(t.Context(), v, authtest.TOTP(t, r.Secret, b.clock.Now()))
	must(t, err)
	if !login.Activated || b.show(t, active).Status != authcore.StatusActive || b.show(t, pending).Status != authcore.StatusPending {
		t.Errorf("%+v", login)
	}
	b.clock.Turn(time.Minute)
	v = b.verified(t, "alice")
	if _, err := b.Logins.SetApp(t.Context(), v); authcore.CodeOf(err) != authcore.CodeConflict {
		t.Errorf("a password alone enrols a second device: %v", err)
	}
}

// Two who ask for one new key at once make one device.
func TestParallelRequestsMakeOneDevice(t *testing.T) {
	b := newBank(t, nil)
	key := uuid.NewString()
	nodes := []*house{b.house, b.again(t, nil)}
	if won := parallel(8, func(i int) error {
		_, err := nodes[i%2].Approvals.Ask(t.Context(), b.by, b.wants(key))
		return err
	}); won != 8 {
		t.Errorf("%d of 8 were answered", won)
	}
	devices, err := b.Devices.List(t.Context(), authcore.Operator(), "alice")
	must(t, err)
	if len(devices) != 1 || b.show(t, key).ID != devices[0].ID {
		t.Errorf("%+v", devices)
	}
}

// What nobody decided about in time makes room for the next request, and says why it is gone.
func TestLapsedRequestsMakeRoom(t *testing.T) {
	b := newBank(t, func(o *authcore.Options) {
		o.Limits = authcore.DefaultLimits()
		o.Limits.Send.InARow = 1000
	})
	var keys []string
	for range authcore.MaxClients {
		keys = append(keys, uuid.NewString())
		b.asked(t, keys[len(keys)-1])
	}
	b.clock.Turn(24*time.Hour - time.Second)
	r := b.wants(uuid.NewString())
	refused(t, failure(b.Approvals.Ask(t.Context(), b.by, r)), authcore.CodeConflict, "")
	b.clock.Turn(2 * time.Second)
	if _, err := b.Approvals.Ask(t.Context(), b.by, r); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if got := states(b.show(t, key)); got != "pending rejected:lapsed" {
			t.Errorf("%s: %s", key, got)
		}
	}
}
