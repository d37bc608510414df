package authcore

import (
	"cmp"
	"context"
)

// Resend sends a new token in place of the old one, whose tries stay counted: by way,
// or, when that is empty, as the last one was sent. ReasonTries when they are used up;
// CodeNotFound with ReasonNoDevice when nothing waits; CodeInvalid when no token was sent
// and way says not how to; else the errors of Ask.
func (s *Approvals) Resend(ctx context.Context, actor Actor, ref DeviceRef, way ApprovalWay, sandbox bool) (ClientDevice, error) {
	if err := s.inTime(); err != nil {
		return ClientDevice{}, err
	}
	d, err := s.enterDevice(ctx, actor, ref, OpResendToken)
	if err != nil {
		return ClientDevice{}, err
	}
	var o tokenDelivery
	err = s.writeToken(ctx, &o, func(tx *journal) (err error) {
		if err = actor.stands(tx); err == nil {
			o, err = s.renewToken(tx, d.ID, way, sandbox)
		}
		o.asks, o.event = cmp.Or(actor.integrator, o.user.Name), s.clientEvent(actor, d, ref.From, "client.token", "")
		return err
	})
	if err != nil {
		return ClientDevice{}, err
	}
	err = s.sendToken(ctx, o, func(tx *journal, _ bool) error { return s.voidIfSame(tx, o) })
	if err != nil {
		return ClientDevice{}, err
	}
	ctx, cancel := moreTime(ctx)
	defer cancel()
	return s.shown(ctx, d.ID)
}

// renewToken puts a new token in place of that of a device that waits.
func (s *Approvals) renewToken(tx Tx, deviceID string, way ApprovalWay, sandbox bool) (o tokenDelivery, err error) {
	d, a, err := s.lockRequest(tx, deviceID)
	if CodeOf(err) == CodeNotFound {
		err = notFound("device")
	}
	if err == nil {
		err = s.renewable(d, a)
	}
	if err != nil {
		return o, err
	}
	c, err := tx.Client(d.ID)
	if err != nil {
		return o, err
	}
	who, err := tx.ApproverByUser(c.Account, d.UserID)
	if err != nil && CodeOf(err) != CodeNotFound {
		return o, err
	}
	u, err := tx.UserByID(d.UserID)
	if err != nil {
		return o, err
	}
	switch {
	case u.Disabled:
		return o, notFound("device")
	case u.StrictDevices: // it waits for him, and nothing that could be sent lets it in
		return tokenDelivery{approval: a, user: u}, nil
	}
	old := a.ID
	a.Way = cmp.Or(way, a.Way)
	if o, err = s.tokenFor(u, who, &a, "", sandbox); err != nil {
		return o, err
	}
	renewed, err := tx.RenewApproval(old, a, tokenTries)
	if err == nil && !renewed {
		err = triesUsedUp()
	}
	return o, err
}

// renewable says whether another token may be sent for a.
func (s *Approvals) renewable(d Device, a Approval) error {
	switch {
	case d.Status == StatusBlocked || d.Status == StatusDeactivated || a.State == ApprovalApproved:
		return notFound("device")
	case a.Tries >= tokenTries:
		return triesUsedUp()
	case !a.waits(s.now()):
		return notFound("device")
	}
	return nil
}

// voidIfSame makes the token of o void, unless there is another by now.
func (s *Approvals) voidIfSame(tx Tx, o tokenDelivery) error {
	a, err := tx.Approval(o.approval.DeviceID)
	if CodeOf(err) == CodeNotFound || err == nil && a.ID != o.approval.ID {
		return nil
	}
	if err == nil {
		err = voidToken(tx, a)
	}
	return err
}
