package authcore

import "context"

// Approvals lets client devices in: an app or a person asks, an approver says yes.
type Approvals struct{ *Core }

// Validate approves a device by the token that its approver got, in any case and with
// white space around it. The try is counted, and the count committed, before the token is
// looked at; one statement says who approved. The fifth wrong one refuses the request.
// A token that has approved gives the same answer while it lives.
//
// CodeInvalid with ReasonWrongCode: wrong, or expired. CodeConflict with ReasonTries.
// CodeNotFound with ReasonNoDevice, also for a device that is blocked or deactivated. The
// errors about the account and the caller are those of Ask.
func (s *Approvals) Validate(ctx context.Context, actor Actor, ref DeviceRef, token string) (ClientDevice, error) {
	d, err := s.enterDevice(ctx, actor, ref, OpValidateDevice)
	if err != nil {
		return ClientDevice{}, err
	}
	if d.Status == StatusBlocked || d.Status == StatusDeactivated {
		return ClientDevice{}, notFound("device")
	}
	if d, err = s.tryToken(ctx, actor, d, token, ref.From); err != nil {
		return ClientDevice{}, err
	}
	return s.shown(ctx, d.ID)
}

// Disable retires a device for good, pending or not, and ends its sessions. A user does so
// as he deactivates any other device of his: see [Devices.Deactivate]. CodeNotFound with
// ReasonNoDevice, also for a device that was rejected or disabled before. The errors about
// the account and the caller are those of Ask.
func (s *Approvals) Disable(ctx context.Context, actor Actor, ref DeviceRef) (ClientDevice, error) {
	for range 3 { // what changes between the look and the statement is looked at again
		at, err := s.enterDevice(ctx, actor, ref, OpDisableDevice)
		if err != nil {
			return ClientDevice{}, err
		}
		if at.Status == StatusRejected || at.Status == StatusDeactivated {
			return ClientDevice{}, notFound("device")
		}
		if _, err = s.Devices.deactivate(ctx, actor, at.ID, ref.From); err == nil {
			return s.shown(ctx, at.ID)
		}
		if CodeOf(err) != CodeConflict {
			return ClientDevice{}, err
		}
	}
	return ClientDevice{}, Errorf(CodeConflict, "the device was changed meanwhile: try again")
}

// enterDevice is enter for what ref names.
func (s *Approvals) enterDevice(ctx context.Context, actor Actor, ref DeviceRef, operation string) (d Device, err error) {
	account, err := s.enter(ctx, actor, ref.Account, operation, ref.From)
	if err != nil {
		return Device{}, err
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { d, err = s.client(tx, actor, account, ref.Key); return err })
	return d, err
}
