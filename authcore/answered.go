package authcore

import (
	"context"
	"time"
)

// Answered finishes v's login when the device that his challenge went to has said yes. It
// is for who asked, by Verified or the ticket of it: another who knows the password can't
// use the yes. It counts no try, and writes nothing until there is a yes.
//
// CodeConflict with ReasonUnanswered: it has not answered; CodeUnauthenticated with
// ReasonDenied: it said no, and the code is void; CodeNotFound: no device is being asked.
func (l *Logins) Answered(ctx context.Context, v *Verified) (Login, error) {
	if v == nil || v.user.ID == "" || v.adds {
		return Login{}, loginRefused()
	}
	if err := l.inTime(); err != nil {
		return Login{}, err
	}
	now := l.now()
	var said candidate
	err := l.store.Read(ctx, func(tx Tx) (err error) { said, err = l.saidYes(tx, v, now); return err })
	if err != nil {
		return Login{}, err
	}
	return l.redeem(ctx, v, matched{candidate: said, answered: true}, counted{}, now)
}

// saidYes finds the device that said yes to v.
func (l *Logins) saidYes(tx Tx, v *Verified, now time.Time) (candidate, error) {
	if _, err := v.stands(tx, now); err != nil {
		return candidate{}, err
	}
	c, err := tx.Challenge(v.user.ID, v.purpose())
	if err != nil && CodeOf(err) != CodeNotFound {
		return candidate{}, err
	}
	if err != nil || c.Number == "" || !v.askedFor(c) || !c.RedeemedAt.IsZero() || !c.ExpiresAt.After(now) {
		return candidate{}, Errorf(CodeNotFound, "no device is being asked")
	}
	switch c.Answer {
	case AnswerYes:
	case "":
		return candidate{}, Errorf(CodeConflict, "the device has not answered yet").because(ReasonUnanswered)
	default:
		return candidate{}, Errorf(CodeUnauthenticated, "the device said no").because(ReasonDenied)
	}
	d, err := tx.DeviceByID(c.DeviceID)
	if CodeOf(err) == CodeNotFound {
		return candidate{}, Errorf(CodeNotFound, "no device is being asked")
	}
	return candidate{device: d, challenge: c}, err
}
