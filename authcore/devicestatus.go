package authcore

import (
	"context"
	"slices"
)

// Block stops a device from opening anything until it is unblocked, and ends
// the sessions that its codes opened. Its owner may do so when he has shown both
// factors in the last ten minutes (else CodeStepUp) and has another device to log
// in with (else CodeConflict). A client device makes no codes: it is nobody's last one,
// and what it waits for is refused with it.
func (s *Devices) Block(ctx context.Context, actor Actor, ref string) (Device, error) {
	return s.move(ctx, actor, ref, "device.block", Origin{}, StatusBlocked, StatusActive)
}

// Unblock makes a blocked device active again, and lifts the pause of an active one
// after wrong codes. All wrong codes against its secret stay counted: CodeConflict
// with ReasonPaused when there were as many as there may ever be, and for backup
// codes, of which a restore may have brought used ones back: deactivate them, and
// their owner makes others. Only who administers unblocks: it may have been one who
// blocked.
func (s *Devices) Unblock(ctx context.Context, actor Actor, ref string) (Device, error) {
	d, a, err := s.Get(ctx, actor, ref)
	if err != nil {
		return Device{}, err
	}
	if err := actor.mayUnblock(d); err != nil {
		return Device{}, err
	}
	limit := s.limits.Device
	spent := limit.Cap > 0 && a.Total >= limit.Cap
	if d.Status != StatusActive || !spent && !a.PausedUntil.After(s.now()) {
		return s.move(ctx, actor, ref, "device.unblock", Origin{}, StatusActive, StatusBlocked)
	}
	if spent {
		return Device{}, Errorf(CodeConflict, "device %s has had %d wrong codes, as many as there may be: register another in its place", d.Serial, a.Total).because(ReasonPaused)
	}
	return s.lift(ctx, actor, d)
}

// mayUnblock says whether a may make d active again.
func (a Actor) mayUnblock(d Device) error {
	if err := a.administers(); err != nil {
		return err
	}
	if d.Kind == KindBackup {
		return Errorf(CodeConflict, "backup codes are not unblocked: deactivate device %s, and its owner can make new ones", d.Serial)
	}
	return nil
}

// lift ends the pause of an active device. No session ends: nothing was wrong with
// the codes that were right.
func (s *Devices) lift(ctx context.Context, actor Actor, d Device) (Device, error) {
	err := s.write(ctx, func(tx *journal) (err error) {
		if d, err = s.mayMove(tx, actor, d.ID); err != nil {
			return err
		}
		if d.Status != StatusActive {
			return Errorf(CodeConflict, "device %s is %s now: nothing was lifted", d.Serial, d.Status)
		}
		if err = tx.Lift(deviceKey(d)); err != nil {
			return err
		}
		return s.record(tx, s.deviceEvent(actor, d, "device.unblock", ""))
	})
	if err != nil {
		return Device{}, err
	}
	return d, nil
}

// Deactivate retires a device for good. Its owner may do so as he may block it,
// and may take back what he began to enrol.
func (s *Devices) Deactivate(ctx context.Context, actor Actor, ref string) (Device, error) {
	return s.deactivate(ctx, actor, ref, Origin{})
}

func (s *Devices) deactivate(ctx context.Context, actor Actor, ref string, at Origin) (Device, error) {
	return s.move(ctx, actor, ref, "device.deactivate", at, StatusDeactivated, StatusActive, StatusBlocked, StatusPending)
}

func (s *Devices) move(ctx context.Context, actor Actor, ref, action string, at Origin, to DeviceStatus, from ...DeviceStatus) (d Device, err error) {
	var change EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		if d, err = s.mayMove(tx, actor, ref); err != nil {
			return err
		}
		if change, err = s.moved(tx, actor, d, action, at, to, from...); err != nil {
			return err
		}
		d, err = tx.DeviceByID(d.ID)
		return err
	})
	if err != nil {
		return Device{}, err
	}
	s.live.obey(s.now(), change)
	return d, nil
}

// moved is the one way a status changes: from listed states only, in one
// statement, with the epoch raised in the same transaction.
func (s *Devices) moved(tx *journal, actor Actor, d Device, action string, at Origin, to DeviceStatus, from ...DeviceStatus) (change EpochChange, err error) {
	moved, err := tx.MoveDevice(d.ID, to, from...)
	if err != nil {
		return change, err
	}
	if !moved {
		return change, d.stays(to)
	}
	d.Status = to
	if err = noteClient(tx, d, "", s.now()); err != nil {
		return change, err
	}
	if change, err = revoke(tx, Subject{SubjectDevice, d.ID}, s.now()); err != nil {
		return change, err
	}
	e := s.deviceEvent(actor, d, action, "")
	e.Address, e.RequestID = at.Address, at.RequestID
	return change, s.record(tx, e)
}

// stays says why d can't become what it should.
func (d Device) stays(to DeviceStatus) error {
	switch {
	case d.Status == to:
		return Errorf(CodeConflict, "device %s is %s already", d.Serial, to)
	case d.Status == StatusPending && d.Awaits == AwaitsCodes:
		return Errorf(CodeConflict, "device %s awaits two consecutive codes, and can't become %s before", d.Serial, to)
	case d.Status == StatusPending && d.Awaits == AwaitsApproval:
		return Errorf(CodeConflict, "device %s waits to be approved, and can't become %s before", d.Serial, to)
	}
	return Errorf(CodeConflict, "device %s is %s: it can't become %s", d.Serial, d.Status, to)
}

// mayMove finds a device that actor may block or deactivate. Who administers is not
// held to what keeps a user from locking himself out, or another with his session
// from locking him out (DEV-01).
func (s *Devices) mayMove(tx Tx, actor Actor, ref string) (Device, error) {
	if actor.administers() == nil {
		return hold(tx, actor, ref)
	}
	if actor.kind == actorUser {
		// Before anything is read: or two at once would each leave the other's.
		if err := tx.LockUser(actor.userID); err != nil && CodeOf(err) != CodeNotFound {
			return Device{}, err
		}
	}
	d, err := findDevice(tx, actor, ref)
	if err == nil {
		err = s.mayLose(tx, actor, d)
	}
	if err != nil {
		return Device{}, err
	}
	return d, nil
}

// mayLose says whether d may stop counting, for all that actor may decide himself. Whose
// it is must be held.
func (s *Devices) mayLose(tx Tx, actor Actor, d Device) error {
	if actor.administers() == nil {
		return nil
	}
	if err := s.changesFactors(tx, actor); err != nil {
		return err
	}
	if d.Status != StatusActive || d.Kind == KindClient {
		return nil // what opens nothing is no loss, and by a client device alone nobody logs in
	}
	devices, err := tx.Devices(d.Tenant, d.UserID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(devices, func(other Device) bool { return other.ID != d.ID && s.logsIn(other) }) {
		return Errorf(CodeConflict, "device %s is the last one that you can log in with: add another first", d.Serial)
	}
	return nil
}

// changesFactors says whether actor may change factors, and his session still stands.
func (s *Devices) changesFactors(tx Tx, actor Actor) error {
	if err := actor.changesFactors(s.now()); err != nil {
		return err
	}
	return actor.stands(tx)
}

// logsIn says whether codes of d count here and can be had. Backup codes don't:
// they end. A client device makes none.
func (s *Devices) logsIn(d Device) bool {
	return d.Status == StatusActive && d.Kind != KindBackup && d.Kind != KindClient && s.factors.has(d.Kind) && (!d.Kind.sent() || s.channels[d.Kind] != nil)
}
