package authcore

import "time"

// activate makes the device that v enrols count, and forgets what else he began
// to enrol. An app that replaces another one retires it, and ends his sessions.
func (l *Logins) activate(tx *journal, v *Verified, d Device, now time.Time) ([]EpochChange, error) {
	devices, err := l.lockDevices(tx, v)
	if err != nil {
		return nil, err
	}
	if err := l.mayEnrol(tx, v, devices); CodeOf(err) == CodeUnavailable {
		return nil, err
	} else if err != nil {
		return nil, errLost
	}
	if err := roomFor(devices); err != nil && !v.replacesApp {
		return nil, err
	}
	if v.invite != nil {
		used, err := tx.ConsumeInvite(v.user.ID, v.invite, now)
		if err != nil {
			return nil, err
		}
		if !used {
			return nil, errLost
		}
	}
	moved, err := tx.MoveDevice(d.ID, StatusActive, StatusPending)
	if err != nil {
		return nil, err
	}
	if !moved {
		return nil, errLost
	}
	if _, err := tx.RemovePending(v.user.ID); err != nil {
		return nil, err
	}
	e := l.event(v.attempt, v.user, "device.activate", OutcomeOK, "")
	e.DeviceID, e.Factor = d.ID, string(d.Kind)
	if err := l.record(tx, e); err != nil || !v.replacesApp {
		return nil, err
	}
	return l.retireApps(tx, v, devices, now)
}

func (l *Logins) retireApps(tx *journal, v *Verified, devices []Device, now time.Time) (changes []EpochChange, err error) {
	retire := []Subject{{SubjectUser, v.user.ID}}
	for _, d := range devices {
		if d.Kind != KindTOTP || d.Status != StatusActive {
			continue
		}
		if _, err := tx.MoveDevice(d.ID, StatusDeactivated, StatusActive); err != nil {
			return nil, err
		}
		e := l.event(v.attempt, v.user, "device.deactivate", OutcomeOK, "replaced")
		e.DeviceID, e.Factor = d.ID, string(d.Kind)
		if err := l.record(tx, e); err != nil {
			return nil, err
		}
		retire = append(retire, Subject{SubjectDevice, d.ID})
	}
	for _, s := range retire {
		change, err := revoke(tx, s, now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}
