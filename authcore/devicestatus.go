package authcore

import "context"

// Block stops a device from opening anything until it is unblocked, and ends
// the sessions that its codes opened.
func (s *Devices) Block(ctx context.Context, actor Actor, ref string) (Device, error) {
	return s.move(ctx, actor, ref, "device.block", StatusBlocked, StatusActive)
}

// Unblock makes a blocked device active again. The wrong codes counted against
// its secret stay counted. CodeConflict for backup codes, of which a restore may
// have brought used ones back: deactivate them, and their owner makes others.
func (s *Devices) Unblock(ctx context.Context, actor Actor, ref string) (Device, error) {
	d, _, err := s.Get(ctx, actor, ref)
	if err != nil {
		return Device{}, err
	}
	if d.Kind == KindBackup {
		return Device{}, Errorf(CodeConflict, "backup codes are not unblocked: deactivate device %s, and its owner can make new ones", d.Serial)
	}
	return s.move(ctx, actor, ref, "device.unblock", StatusActive, StatusBlocked)
}

// Deactivate retires a device for good.
func (s *Devices) Deactivate(ctx context.Context, actor Actor, ref string) (Device, error) {
	return s.move(ctx, actor, ref, "device.deactivate", StatusDeactivated, StatusActive, StatusBlocked, StatusPending)
}

// move is the one way a status changes: from listed states only, in one
// statement, with the epoch raised in the same transaction.
func (s *Devices) move(ctx context.Context, actor Actor, ref, action string, to DeviceStatus, from ...DeviceStatus) (d Device, err error) {
	if err := actor.administers(); err != nil {
		return Device{}, err
	}
	var change EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		if d, err = findDevice(tx, actor, ref); err != nil {
			return err
		}
		moved, err := tx.MoveDevice(d.ID, to, from...)
		if err != nil {
			return err
		}
		if !moved {
			if d.Status == to {
				return Errorf(CodeConflict, "device %s is %s already", d.Serial, to)
			}
			return Errorf(CodeConflict, "device %s is %s: it can't become %s", d.Serial, d.Status, to)
		}
		d.Status = to
		if change, err = revoke(tx, Subject{SubjectDevice, d.ID}, s.now()); err != nil {
			return err
		}
		d.Epoch = change.Epoch
		return s.record(tx, s.deviceEvent(actor, d, action, ""))
	})
	if err != nil {
		return Device{}, err
	}
	s.live.obey(s.now(), change)
	return d, nil
}
