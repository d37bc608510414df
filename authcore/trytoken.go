package authcore

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"
)

// tryToken counts a try against the request of d, commits, looks, decides. The errors are
// those of Validate. d is a client device that actor may see.
func (s *Approvals) tryToken(ctx context.Context, actor Actor, d Device, token string, from Origin) (Device, error) {
	if err := s.inTime(); err != nil {
		return Device{}, err
	}
	if err := s.rarely(actor); err != nil {
		return Device{}, err
	}
	now := s.now()
	a, reason, err := s.countTry(ctx, actor, d, now)
	if err == nil && reason == "" {
		if reason = ReasonWrongCode; s.opens(a, token, now) {
			reason = ""
			d, err = s.redeemToken(ctx, actor, d, a, from, now)
		}
	}
	if errors.Is(err, errLost) {
		reason, err = ReasonWrongCode, nil
	}
	if err == nil && reason != "" {
		err = s.refuseTry(ctx, actor, d, from, reason, now)
	}
	if CodeOf(err) == CodeNotFound { // taken away meanwhile
		err = notFound("device")
	}
	if err != nil {
		return Device{}, err
	}
	return d, nil
}

// countTry counts one try and gives the request as it was then, or why nothing is looked
// at.
func (s *Approvals) countTry(ctx context.Context, actor Actor, d Device, now time.Time) (a Approval, reason Reason, err error) {
	err = s.store.Write(ctx, func(tx Tx) (err error) {
		if err = actor.stands(tx); err != nil {
			return err
		}
		if _, a, err = s.lockRequest(tx, d.ID); err != nil {
			return err
		}
		counted, err := tx.TryApproval(a.ID, tokenTries, now)
		switch {
		case err != nil || counted:
		case a.Tries >= tokenTries:
			reason = ReasonTries
		default: // it was refused, or is over
			reason = ReasonWrongCode
		}
		return err
	})
	return a, reason, err
}

// opens says whether token is the one that was sent for a, and alive. What can't be read
// verifies nothing.
func (s *Approvals) opens(a Approval, token string, now time.Time) bool {
	if len(a.Token) == 0 {
		return false
	}
	sent, err := s.ring.Open("approvals", "token", a.ID, a.Token)
	if err != nil || len(sent) != tokenLength {
		s.log.Error("a token that was sent can't be read: it verifies nothing", "device_id", a.DeviceID, "error", err)
		return false
	}
	typed := strings.ToLower(strings.TrimSpace(token))
	return subtle.ConstantTimeCompare(sent, []byte(typed)) == 1 && now.Before(a.TokenExpiresAt)
}

// redeemToken lets d in by the right token of a, or, when that has done so before, says so
// again. errLost: the token is void by now.
func (s *Approvals) redeemToken(ctx context.Context, actor Actor, d Device, a Approval, from Origin, now time.Time) (Device, error) {
	err := s.write(ctx, func(tx *journal) error {
		if err := actor.stands(tx); err != nil {
			return err
		}
		locked, current, err := s.lockRequest(tx, d.ID)
		if err == nil {
			err = s.provable(tx, d)
		}
		if err != nil {
			return err
		}
		switch {
		case current.ID != a.ID:
			return errLost
		case current.State == ApprovalApproved && locked.Status == StatusActive:
			d, err = locked, s.record(tx, s.clientEvent(actor, locked, from, "client.try", ""))
		default:
			d, err = s.letIn(tx, actor, locked, current, from, now)
		}
		if err != nil {
			return err
		}
		return tx.RefundApproval(a.ID)
	})
	return d, err
}

// refuseTry notes a try that approved nothing, and refuses the request when it was the last
// that may be wrong.
func (s *Approvals) refuseTry(ctx context.Context, actor Actor, d Device, from Origin, reason Reason, now time.Time) error {
	var changes []EpochChange
	err := s.write(ctx, func(tx *journal) error {
		d, a, err := s.lockRequest(tx, d.ID)
		if err != nil {
			return err
		}
		err = s.record(tx, s.clientEvent(actor, d, from, "client.try", string(reason)))
		if err == nil && reason == ReasonWrongCode && a.waits(now) && a.Tries >= tokenTries {
			changes, err = s.turnAway(tx, actor, d, a, RefusedTries, from, now)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.live.obey(now, changes...)
	if reason == ReasonTries {
		return triesUsedUp()
	}
	return Errorf(CodeInvalid, "the token is not the one that was sent last, or it has expired").because(ReasonWrongCode)
}

func triesUsedUp() *Error {
	return Errorf(CodeConflict, "all tries at the token were wrong: ask for the device again").because(ReasonTries)
}
