package authcore

import "time"

// trial is one code that an integrator asks about, on its way to an answer.
type trial struct {
	actor Actor
	asked Checked
	holding
	// made says that the device may have made the code, by its shape.
	made bool
	// sent is what SendCode sent and the code may be, by its shape; spent is one that
	// was used already, and late says that it has expired. by is how it was sent.
	sent, spent Challenge
	late        bool
	by          DeviceKind
	counted     bool
}

// event is the row of the audit trail; an empty reason is a success.
func (t *trial) event(c *Core, reason Reason) Event {
	return c.holdingEvent(t.actor, t.holding, t.asked.From, "device.validate", string(reason))
}

// readShape says what the code may be. What was sent for another device, by another
// dialect or by a way that no longer counts is nothing, and so is what is long over.
func (s *Devices) readShape(tx Tx, t *trial, now time.Time) error {
	t.made = t.device.fits(t.asked.Code, t.device.Digits)
	if t.user.ID != "" && t.device.fits(t.asked.Code, challengeDigits) {
		c, err := tx.Challenge(t.user.ID, PurposeValidate)
		if err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		by, counts := s.sentBy(t.actor, t.device, c)
		switch {
		case !counts || now.Sub(c.CreatedAt) > 2*ChallengeLifetime:
		case !c.RedeemedAt.IsZero():
			t.spent = c
		case !c.ExpiresAt.After(now):
			t.late = true
		default:
			t.sent, t.by = c, by
		}
	}
	if t.made || t.late || t.sent.ID != "" || t.spent.ID != "" {
		return nil
	}
	return Errorf(CodeUnauthenticated, "a code of device %s has %s", t.device.Serial, t.device.shape()).because(ReasonMalformedCode)
}

// matchTrial computes both that the code may be, whether or not one matched.
func (s *Devices) matchTrial(t *trial, now time.Time) (m matched, found bool) {
	m.device = t.device
	if t.made {
		m.counter, m.drift, found = s.matchCounter(t.device, t.asked.Code, now)
	}
	if t.sent.ID != "" && s.wasSent(t, t.sent) && !found {
		m.challenge, found = t.sent, true
	}
	return m, found
}

// wasSent says whether the code is the one of c. A PIN stands before it, as before the
// device's own, which it stands in for.
func (s *Devices) wasSent(t *trial, c Challenge) bool {
	code, pinned := s.afterPIN(t.device, t.asked.Code, challengeDigits)
	return s.isSent(t.device, c, code) && pinned
}

// lookBack is how many used counters of a HOTP device are known again.
const lookBack = 10

// wrong says what of the code is wrong: one that was used before says more of a
// caller who repeats himself, or of a thief, than any other. With a PIN before it
// it reads as any other.
func (s *Devices) wrong(t *trial, now time.Time) error {
	before := t.device
	before.LastCounter = -1 // all of the window of a clock: what is later did not match
	if before.Kind == KindHOTP {
		before.LastCounter, before.LookAhead = t.device.LastCounter-lookBack-1, lookBack
	}
	used := t.spent.ID != "" && s.wasSent(t, t.spent)
	if t.made && !used {
		_, _, used = s.matchCounter(before, t.asked.Code, now)
	}
	used = used && len(t.device.PIN) == 0 // an old code, which may be known, would tell a right PIN from a wrong one
	switch {
	case used:
		return replayed(t.device)
	case t.late: // an old code is not compared: nothing depends on whether it was this one
		return Errorf(CodeUnauthenticated, "the code that was sent for device %s has expired: send another", t.device.Serial).because(ReasonExpired)
	}
	return Errorf(CodeUnauthenticated, "this is not a code of device %s now", t.device.Serial).because(ReasonWrongCode)
}

func replayed(d Device) *Error {
	return Errorf(CodeUnauthenticated, "this code of device %s was used already", d.Serial).because(ReasonReplayed)
}

// readAgain holds what was found against what stands now, in the transaction that
// uses the code up: what is disabled or assigned meanwhile counts no more.
func (s *Devices) readAgain(tx Tx, t *trial, now time.Time) error {
	d, err := tx.DeviceByID(t.device.ID)
	if CodeOf(err) == CodeNotFound || err == nil && d.UserID != t.device.UserID {
		return notFound("device")
	}
	if err != nil {
		return err
	}
	t.device = d
	if d.UserID != "" {
		if t.user, err = tx.UserByID(d.UserID); err != nil {
			return err
		}
	}
	return s.counts(t.holding, now)
}
