package authcore

import "context"

// Delete takes a device away: one that was never used is removed, any other deactivated for
// good. It gives the device as it was, or is. Who may is as with Deactivate, whose errors these
// are too.
func (s *Devices) Delete(ctx context.Context, actor Actor, ref string, from Origin) (d Device, err error) {
	var change EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		if d, err = hold(tx, actor, ref); err != nil { // nobody uses it meanwhile
			return err
		}
		if err = s.mayLose(tx, actor, d); err != nil {
			return err
		}
		if !d.LastUsedAt.IsZero() || d.Kind == KindBackup || d.Kind == KindClient {
			if change, err = s.moved(tx, actor, d, "device.deactivate", from, StatusDeactivated, StatusActive, StatusBlocked, StatusPending); err != nil {
				return err
			}
			d, err = tx.DeviceByID(d.ID)
			return err
		}
		if change, err = revoke(tx, Subject{SubjectDevice, d.ID}, s.now()); err != nil {
			return err
		}
		d.Epoch = change.Epoch
		if err = tx.RemoveDevice(d.ID); err != nil {
			return err
		}
		e := s.deviceEvent(actor, d, "device.remove", "")
		e.Address, e.RequestID = from.Address, from.RequestID
		return s.record(tx, e)
	})
	if err != nil {
		return Device{}, err
	}
	s.live.obey(s.now(), change)
	return d, nil
}
