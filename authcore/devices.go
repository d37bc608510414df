package authcore

import (
	"context"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/oath"
)

// Devices registers authenticators and looks after them.
type Devices struct{ *Core }

// List gives a user's devices, or all of the actor's tenant when user is empty.
func (s *Devices) List(ctx context.Context, actor Actor, user string) (devices []Device, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		if user == "" {
			if err := actor.administers(); err != nil {
				return err
			}
			devices, err = tx.Devices(actor.home(), "")
			return err
		}
		u, err := findUser(tx, actor, user)
		if err != nil {
			return err
		}
		devices, err = tx.Devices(u.Tenant, u.ID)
		return err
	})
	return devices, err
}

// Get finds a device by serial or ID, and the wrong codes counted against it.
func (s *Devices) Get(ctx context.Context, actor Actor, ref string) (d Device, a Attempts, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) {
		if d, err = findDevice(tx, actor, ref); err != nil {
			return err
		}
		a, err = tx.Attempts(deviceKey(d))
		return err
	})
	return d, a, err
}

// findDevice is where every method looks a device up, and where the actor is
// held against it.
func findDevice(tx Tx, actor Actor, ref string) (Device, error) {
	var d Device
	var err error
	if _, parse := uuid.Parse(ref); parse == nil {
		d, err = tx.DeviceByID(ref)
	} else {
		d, err = tx.DeviceBySerial(actor.home(), ref)
	}
	if CodeOf(err) == CodeNotFound {
		return Device{}, notFound("device")
	}
	if err != nil {
		return Device{}, err
	}
	if err := actor.maySee(d.Tenant, d.UserID, "device"); err != nil {
		return Device{}, err
	}
	return d, nil
}

// deviceSecret unseals what d shares with its owner.
func (c *Core) deviceSecret(d Device) (oath.Key, error) {
	secret, err := c.ring.Open("devices", "secret", d.ID, d.Sealed)
	return oath.Key{Secret: secret, Algorithm: d.Algorithm, Digits: d.Digits, Period: d.Period}, err
}

func (c *Core) deviceEvent(actor Actor, d Device, action, reason string) Event {
	outcome := OutcomeOK
	if reason != "" {
		outcome = OutcomeRefused
	}
	return Event{
		Actor: actor.String(), Action: action, Outcome: outcome, Reason: reason, Tenant: d.Tenant,
		UserID: d.UserID, DeviceID: d.ID, Factor: string(d.Kind),
	}
}
