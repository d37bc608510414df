package authcore

import "maps"

// apply makes of d, which is held, what c says, and nothing of what it is already.
func (s *Devices) apply(tx *journal, actor Actor, d Device, c DeviceChanges) (changes []EpochChange, err error) {
	if c.Name != nil && *c.Name != d.Name {
		if err := s.rename(tx, actor, d, *c.Name); err != nil {
			return nil, err
		}
	}
	// The status before the marks, which what is retired may not have.
	next := d
	if c.Status != nil && *c.Status != d.Status {
		change, err := s.restate(tx, actor, d, *c.Status, c.From)
		if err != nil {
			return nil, err
		}
		next.Status, changes = *c.Status, append(changes, change)
	}
	if c.Notified != nil && *c.Notified != d.Notified {
		if err := s.mark(tx, actor, next, *c.Notified); err != nil {
			return nil, err
		}
	}
	changed := false
	if c.LogsIn != nil && *c.LogsIn != d.LogsIn {
		if err := s.nameBy(tx, actor, next, *c.LogsIn); err != nil {
			return nil, err
		}
		changed = true
	}
	if c.Address != nil && *c.Address != d.Address {
		if err := s.readdress(tx, actor, d, *c.Address); err != nil {
			return nil, err
		}
		changed = true
	}
	described, err := describe(tx, d, c.Dialect, c.Attributes)
	if err != nil || !described && !changed {
		return changes, err
	}
	if err := tx.changed(d.ID); err != nil {
		return nil, err
	}
	e := s.deviceEvent(actor, next, "device.change", "")
	e.Address, e.RequestID = c.From.Address, c.From.RequestID
	return changes, s.record(tx, e)
}

func (s *Devices) rename(tx *journal, actor Actor, d Device, name string) error {
	if err := nameFree(tx, d, name); err != nil {
		return err
	}
	if err := tx.RenameDevice(d.ID, name); err != nil {
		return err
	}
	return s.record(tx, s.deviceEvent(actor, d, "device.rename", ""))
}

// restate moves d as Block, Unblock and Deactivate do.
func (s *Devices) restate(tx *journal, actor Actor, d Device, to DeviceStatus, from Origin) (EpochChange, error) {
	switch to {
	case StatusActive:
		if err := actor.mayUnblock(d); err != nil {
			return EpochChange{}, err
		}
		return s.moved(tx, actor, d, "device.unblock", from, StatusActive, StatusBlocked)
	case StatusBlocked, StatusDeactivated:
		if err := s.mayLose(tx, actor, d); err != nil {
			return EpochChange{}, err
		}
		if to == StatusBlocked {
			return s.moved(tx, actor, d, "device.block", from, StatusBlocked, StatusActive)
		}
		return s.moved(tx, actor, d, "device.deactivate", from, StatusDeactivated, StatusActive, StatusBlocked, StatusPending)
	}
	return EpochChange{}, Errorf(CodeInvalid, "a device can be made active, blocked or deactivated, not %q", to)
}

// readdress gives an app another address to be woken at. Any other device is where it is.
func (s *Devices) readdress(tx *journal, actor Actor, d Device, address string) error {
	if d.Kind != KindMobile {
		return Errorf(CodeConflict, "the address of device %s can't be changed: register another device", d.Serial).because(ReasonFixed)
	}
	if err := s.mayRedirect(tx, actor); err != nil {
		return err
	}
	if err := s.checkAddress(KindMobile, address); err != nil {
		return err
	}
	return tx.SetDeviceAddress(d.ID, address)
}

// mayRedirect says whether actor may change where messages about a user go.
func (s *Devices) mayRedirect(tx Tx, actor Actor) error {
	if actor.administers() == nil {
		return nil
	}
	return s.changesFactors(tx, actor)
}

// describe writes what differs of what a dialect remembers of d, and says whether
// anything did. A device that was registered elsewhere stays so: see registeredBy.
func describe(tx Tx, d Device, dialect string, a Attributes) (bool, error) {
	if len(a) == 0 {
		return false, nil
	}
	of := Subject{SubjectDevice, d.ID}
	known, err := tx.Attributes(of, dialect)
	if err != nil {
		return false, err
	}
	next := maps.Clone(a)
	maps.DeleteFunc(next, func(name, value string) bool { old, is := known[name]; return is && old == value })
	if len(next) == 0 {
		return false, nil
	}
	if len(known) == 0 {
		next[elsewhere] = "yes"
	}
	return true, tx.SetAttributes(of, dialect, next)
}
