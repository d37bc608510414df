package authcore

import (
	"context"
	"errors"
)

// DeviceChanges are what of a device is to be changed; nil stays as it is.
type DeviceChanges struct {
	Name             *string
	Status           *DeviceStatus // active, blocked or deactivated
	Address          *string       // of KindMobile alone: CodeConflict with ReasonFixed
	Notified, LogsIn *bool
	// Version and Epoch are what the caller believes they are: CodeConflict with ReasonStale
	// when they are not.
	Version, Epoch *int64
	// Dialect names whose Attributes are written beside those there are.
	Dialect    string
	Attributes Attributes
	// From is who asks.
	From Origin
}

// Change changes a device in one transaction, and gives it as it is then. What is as it
// should be already is no change, and if all is, the version stays. Who may change the status
// is as with Block, Unblock and Deactivate, whose errors these are too; a pause stays. LogsIn
// is for phones and e-mail addresses, and only for who administers: CodeConflict with
// ReasonUserTaken when the name is another's. Neither mark is for what is retired: CodeConflict
// with ReasonInactive. A user changes Notified and Address only with both factors fresh
// (CodeStepUp).
func (s *Devices) Change(ctx context.Context, actor Actor, ref string, c DeviceChanges) (Device, error) {
	return s.change(ctx, actor, ref, c, false)
}

// CheckChange says what Change would, and changes nothing.
func (s *Devices) CheckChange(ctx context.Context, actor Actor, ref string, c DeviceChanges) (Device, error) {
	return s.change(ctx, actor, ref, c, true)
}

func (s *Devices) change(ctx context.Context, actor Actor, ref string, c DeviceChanges, dry bool) (d Device, err error) {
	if err := c.canonical(); err != nil {
		return Device{}, err
	}
	if err := actor.describesOwn(c.Dialect, c.Attributes); err != nil {
		return Device{}, err
	}
	var changes []EpochChange
	err = s.try(ctx, dry, func(tx *journal) (err error) {
		if d, err = hold(tx, actor, ref); err != nil {
			return err
		}
		if err = c.stale(d); err != nil {
			return err
		}
		if changes, err = s.apply(tx, actor, d, c); err != nil {
			return err
		}
		d, err = tx.DeviceByID(d.ID)
		return err
	})
	if err != nil {
		return Device{}, err
	}
	if !dry {
		s.live.obey(s.now(), changes...)
	}
	return d, nil
}

// errDry undoes a transaction that was only to be tried.
var errDry = errors.New("nothing was to be changed")

// try is write, or, when dry, the same with nothing left of it: nobody is told, no log has it.
func (c *Core) try(ctx context.Context, dry bool, fn func(*journal) error) error {
	err := c.write(ctx, func(tx *journal) error {
		if err := fn(tx); err != nil || !dry {
			return err
		}
		return errDry
	})
	if dry && errors.Is(err, errDry) {
		return nil
	}
	return err
}

// canonical brings what c says into the form in which it is kept.
func (c *DeviceChanges) canonical() error {
	if c.Name != nil {
		name, err := deviceName(*c.Name)
		if err != nil {
			return err
		}
		c.Name = &name
	}
	return nil
}

// stale says whether d is what the caller believes it is. d is held: of two who believe the
// same, the second finds what the first left.
func (c DeviceChanges) stale(d Device) error {
	switch {
	case c.Version != nil && *c.Version != d.Version:
		return Errorf(CodeConflict, "device %s has the version %d, not %d: read it again", d.Serial, d.Version, *c.Version).because(ReasonStale)
	case c.Epoch != nil && *c.Epoch != d.Epoch:
		return Errorf(CodeConflict, "device %s has the state %d, not %d: read it again", d.Serial, d.Epoch, *c.Epoch).because(ReasonStale)
	}
	return nil
}
