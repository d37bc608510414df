package authcore

import (
	"cmp"
	"context"
	"errors"
)

// Ask makes a device of r that waits for the approver, or a new request for one that the
// account has already: pending, its tries stay counted; active, it counts as it did
// until the request is approved; else another device takes the place of the old one. A
// verifier that says yes at once has approved it. Whose owner wants every device approved
// from a registered one (User.StrictDevices) waits for that, whatever way r names.
//
// CodeInvalid: r can't be understood. Then, checked in this order: the account (CodeNotFound
// with ReasonNoAccount), that it is active (CodeConflict with ReasonAccountClosed) and no hub
// (ReasonHub); that an integrator is a requester (CodeForbidden with ReasonRequester) who may
// ask for devices (ReasonOperation); the approver (CodeForbidden with ReasonApprover), whom a
// user must be himself, and who must be that of the device while it is not retired; that the
// device is not blocked (CodeConflict with ReasonInactive). CodeConflict with ReasonTries: the
// tries of a pending one are used up; without a reason: the approver has MaxClients on accounts.
// CodeUnavailable with ReasonUndelivered: the token was not sent, or nothing here could do it,
// with ReasonNoAddress: the approver has none for it; a new device is not there. CodeThrottled with ReasonPaused: too many were sent.
func (s *Approvals) Ask(ctx context.Context, actor Actor, r DeviceRequest) (ClientDevice, error) {
	if err := r.check(); err != nil {
		return ClientDevice{}, err
	}
	if err := s.inTime(); err != nil {
		return ClientDevice{}, err
	}
	if err := s.rarely(actor); err != nil {
		return ClientDevice{}, err
	}
	account, err := s.enter(ctx, actor, r.Account, OpCreateDevice, r.From)
	if err != nil {
		return ClientDevice{}, err
	}
	q, err := s.putRequest(ctx, actor, account, r)
	if errors.Is(err, errLost) { // of two for another approver each the first has the key now
		q, err = s.putRequest(ctx, actor, account, r)
	}
	if errors.Is(err, errLost) {
		err = Unavailable(err)
	}
	if err != nil {
		return ClientDevice{}, err
	}
	if err := s.sendToken(ctx, q.delivery, q.undo); err != nil {
		return ClientDevice{}, err
	}
	ctx, cancel := moreTime(ctx)
	defer cancel()
	return s.looked(ctx, actor, q.device.ID, r.From)
}

// putRequest stores the device and the request, and counts what is sent.
func (s *Approvals) putRequest(ctx context.Context, actor Actor, account Account, r DeviceRequest) (q request, err error) {
	err = s.writeToken(ctx, &q.delivery, func(tx *journal) error {
		who, u, err := s.lockApprover(tx, actor, account, r.Document)
		if err != nil {
			return err
		}
		if q, err = s.seat(tx, account, u, r.Key); err != nil {
			return err
		}
		a, err := s.newRequest(tx, actor, q.device, r)
		if err != nil {
			return err
		}
		if u.StrictDevices {
			a.Way = WayDevice
		}
		q.delivery, err = s.proofOf(u, who, &a, r.Sandbox)
		q.delivery.asks, q.delivery.event = cmp.Or(actor.integrator, u.Name), s.clientEvent(actor, q.device, r.From, "client.token", "")
		if err == nil {
			err = tx.PutApproval(a)
		}
		if err != nil {
			return err
		}
		return s.record(tx, s.clientEvent(actor, q.device, r.From, "client.ask", ""))
	})
	return q, err
}

// lockApprover finds who decides about the devices of a document, and locks him.
func (s *Approvals) lockApprover(tx Tx, actor Actor, account Account, document string) (who Approver, u User, err error) {
	if err = actor.stands(tx); err != nil {
		return who, u, err
	}
	who, err = tx.ApproverByDocument(account.ID, digits(document))
	if err == nil {
		err = lockUser(tx, who.UserID)
	}
	if err == nil { // he may have been taken from the account, or disabled, meanwhile
		who, err = tx.ApproverByUser(account.ID, who.UserID)
	}
	if err == nil {
		u, err = tx.UserByID(who.UserID)
	}
	if CodeOf(err) == CodeNotFound || err == nil && (u.Disabled || actor.kind == actorUser && actor.userID != u.ID) {
		err = noApprover()
	}
	return who, u, err
}

func noApprover() *Error {
	return Errorf(CodeForbidden, "nobody who decides about this device on this account has this document").because(ReasonApprover)
}
