package authcore

import (
	"slices"
	"time"
)

// holding is a device that makes codes, and whose it is.
type holding struct {
	device Device
	user   User // zero: the device is in stock
}

// findHolding finds what an integrator names: a device, the named user's if one is
// named, or the first of the user's that makes codes. A device in stock has nobody, and
// its codes may be asked about by its serial: they open nothing.
func (s *Devices) findHolding(tx Tx, actor Actor, user, device string) (h holding, err error) {
	if user != "" || device == "" {
		if h.user, err = findUser(tx, actor, user); err != nil {
			return holding{}, err
		}
	}
	if device == "" {
		h.device, err = firstThatMakesCodes(tx, h.user)
		return h, err
	}
	d, err := findDevice(tx, actor, device)
	if err != nil {
		return h, err
	}
	if user != "" && d.UserID != h.user.ID {
		return h, notFound("device") // another's reads like one that does not exist
	}
	if !d.Kind.MakesCodes() {
		return h, Errorf(CodeNotFound, "device %s is of the kind %s, which makes no codes itself", d.Serial, d.Kind).because(ReasonNoDevice)
	}
	h.device = d
	if user == "" && d.UserID != "" {
		h.user, err = tx.UserByID(d.UserID)
	}
	return h, err
}

// firstThatMakesCodes is what u's codes are of when no device is named. What is gone is
// passed over, and so is what he began to enrol himself: it may have been left.
func firstThatMakesCodes(tx Tx, u User) (Device, error) {
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return Device{}, err
	}
	i := slices.IndexFunc(devices, func(d Device) bool {
		return d.Kind.MakesCodes() &&
			(d.Status == StatusActive || d.Status == StatusBlocked || d.Status == StatusPending && !d.enrolling())
	})
	if i < 0 {
		return Device{}, Errorf(CodeNotFound, "user %s has no device that makes codes: register or assign one", u.Name).because(ReasonNone)
	}
	return devices[i], nil
}

// counts says whether codes of h count here now (law 6).
func (s *Devices) counts(h holding, now time.Time) error {
	switch {
	case h.user.Disabled:
		return Errorf(CodeForbidden, "user %s is disabled", h.user.Name).because(ReasonUserDisabled)
	case h.device.Status == StatusPending && h.device.Awaits == AwaitsCodes:
		return Errorf(CodeForbidden, "device %s awaits two consecutive codes", h.device.Serial).because(ReasonInactive)
	case h.device.Status != StatusActive:
		return Errorf(CodeForbidden, "device %s is %s: only an active one counts", h.device.Serial, h.device.Status).because(ReasonInactive)
	case !s.factors.Satisfied(h.device, now):
		return Errorf(CodeForbidden, "device %s is of the kind %[2]s, which counts for nothing here: the configuration needs %[2]s among the factors", h.device.Serial, h.device.Kind).because(ReasonInactive)
	}
	return nil
}

// holdingEvent is deviceEvent for what was found of h, from where it was asked.
func (c *Core) holdingEvent(actor Actor, h holding, from Origin, action, reason string) Event {
	d := h.device
	if d.ID == "" {
		d.Tenant, d.UserID = actor.home(), h.user.ID
	}
	e := c.deviceEvent(actor, d, action, reason)
	e.Address, e.RequestID = from.Address, from.RequestID
	return e
}
