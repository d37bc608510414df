package authcore

import (
	"context"
	"time"
)

// AnswerTo says how a question of Ask stands. A yes is given out once: then it is
// CodeUnauthenticated with ReasonReplayed. CodeNotFound: there is none with this ID, or it
// is another's; CodeUnauthenticated with ReasonExpired; else the errors of Ask when the
// device counts no longer.
func (s *Devices) AnswerTo(ctx context.Context, actor Actor, id string, from Origin) (asked Asked, err error) {
	if err := actor.administers(); err != nil {
		return Asked{}, err
	}
	if err := s.inTime(); err != nil {
		return Asked{}, err
	}
	now := s.now()
	var c Challenge
	var h holding
	err = s.store.Read(ctx, func(tx Tx) (err error) { c, h, err = s.askedBy(tx, actor, id); return err })
	if err != nil {
		return Asked{}, err
	}
	asked = Asked{ID: c.ID, Device: h.device, Number: c.Number, Answer: c.Answer}
	switch {
	case !c.RedeemedAt.IsZero():
		return Asked{}, alreadyGiven()
	case c.Answer == AnswerNo:
		return asked, nil
	case !c.ExpiresAt.After(now):
		return Asked{}, Errorf(CodeUnauthenticated, "the question has expired: ask again").because(ReasonExpired)
	case c.Answer == "":
		return asked, nil
	}
	return asked, s.giveYes(ctx, actor, c.ID, from, now)
}

func alreadyGiven() *Error {
	return Errorf(CodeUnauthenticated, "the answer to this question was given already").because(ReasonReplayed)
}

// askedBy finds a question that actor has asked, and of whom.
func (s *Devices) askedBy(tx Tx, actor Actor, id string) (c Challenge, h holding, err error) {
	none := Errorf(CodeNotFound, "there is no such question")
	known, isID := canonicalID(id)
	if !isID {
		return c, h, none
	}
	if c, err = tx.ChallengeByID(known); err == nil {
		h.device, err = tx.DeviceByID(c.DeviceID)
	}
	if err == nil {
		h.user, err = tx.UserByID(c.UserID)
	}
	if CodeOf(err) == CodeNotFound || err == nil && (c.Purpose != PurposeApprove || h.device.UserID != h.user.ID ||
		c.countsAt() != actor.binding(h.device.Kind) || actor.maySee(h.device.Tenant, h.user.ID, "device") != nil) {
		return Challenge{}, holding{}, none
	}
	return c, h, err
}

// giveYes uses a yes up, of a device that counts still.
func (s *Devices) giveYes(ctx context.Context, actor Actor, id string, from Origin, now time.Time) error {
	return s.write(ctx, func(tx *journal) error {
		c, h, err := s.askedBy(tx, actor, id)
		if err != nil {
			return err
		}
		if err = s.counts(h, now); err != nil {
			return err
		}
		won, err := tx.RedeemChallenge(c.ID, now)
		if err != nil {
			return err
		}
		if !won {
			return alreadyGiven()
		}
		return s.record(tx, s.holdingEvent(actor, h, from, "question.answer", ""))
	})
}
