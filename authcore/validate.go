package authcore

import (
	"context"
	"fmt"
	"time"
)

// Checked is a code that an integrator asks about.
type Checked struct {
	User   string // name, e-mail, phone or ID; empty: whoever has the device, or nobody
	Device string // serial or ID; empty: the first device that became his and makes codes
	Code   string // of a device with a PIN: the PIN, and the code after it
	From   Origin
}

// Validate says whether a code is right now, and uses it up: as in a login the try
// is counted before the code is looked at (law 3), one statement says who used it
// (law 2), and what satisfies the second factor is decided by the same function (law
// 6). A code that SendCode sent for this device counts as well. The key of the
// integrator is the primary secret (law 4). The device is given with an error too,
// as far as it is known. What has not the shape of a code costs no try: it can't be
// right, whatever the key is.
//
// CodeUnauthenticated with ReasonWrongCode, ReasonReplayed, ReasonMalformedCode or
// ReasonExpired; CodeThrottled with ReasonPaused, without RetryAfter when waiting does
// not help; CodeForbidden with ReasonInactive or ReasonUserDisabled; CodeNotFound with
// ReasonNoUser, ReasonNoDevice or ReasonNone.
func (s *Devices) Validate(ctx context.Context, actor Actor, c Checked) (Device, error) {
	if err := actor.administers(); err != nil {
		return Device{}, err
	}
	if err := s.inTime(); err != nil {
		return Device{}, err
	}
	t, now := trial{actor: actor, asked: c}, s.now()
	err := s.countTrial(ctx, &t, now)
	if err == nil {
		err = s.decideTrial(ctx, &t, now)
	}
	if ReasonOf(err) != "" {
		if failed := s.refuseTrial(ctx, t, err, now); failed != nil {
			return t.device, failed
		}
	}
	return t.device, err
}

// countTrial finds the device and counts one try against its secret, before the code
// is looked at: whoever it could not be counted for learns that, and no more.
func (s *Devices) countTrial(ctx context.Context, t *trial, now time.Time) error {
	return s.store.Write(ctx, func(tx Tx) (err error) {
		if t.holding, err = s.findHolding(tx, t.actor, t.asked.User, t.asked.Device); err != nil {
			return err
		}
		if err = s.counts(t.holding, now); err != nil {
			return err
		}
		if err = s.readShape(tx, t, now); err != nil {
			return err
		}
		if t.sent.ID != "" { // before the tries, as everywhere: see candidates
			ok, err := tx.TryChallenge(t.sent.ID, challengeTries, now)
			if err != nil {
				return err
			}
			if !ok {
				t.sent = Challenge{}
			}
		}
		if t.counted, err = tx.Reserve(deviceKey(t.device), s.limits.Device, now); err != nil || t.counted {
			return err
		}
		a, err := tx.Attempts(deviceKey(t.device))
		if err != nil {
			return err
		}
		return s.paused(t.device, a, now)
	})
}

// paused tells an integrator why no code of d is looked at.
func (c *Core) paused(d Device, a Attempts, now time.Time) *Error {
	if most := c.limits.Device.Cap; most > 0 && a.Total >= most {
		return Errorf(CodeThrottled, "device %s had %d wrong codes in all, the most that one key may have: register it anew, with another key", d.Serial, most).because(ReasonPaused)
	}
	return &Error{
		Code: CodeThrottled, Reason: ReasonPaused, RetryAfter: max(0, a.PausedUntil.Sub(now)),
		Message: fmt.Sprintf("device %s is paused after too many wrong codes: try again later, or enable it", d.Serial),
	}
}

// decideTrial looks at a code that was counted, and uses it up if it is right.
func (s *Devices) decideTrial(ctx context.Context, t *trial, now time.Time) error {
	m, found := s.matchTrial(t, now)
	if !found {
		return s.wrong(t, now)
	}
	return s.write(ctx, func(tx *journal) error {
		won, err := m.consume(tx, now)
		if err != nil {
			return err
		}
		if err := s.readAgain(tx, t, now); err != nil {
			return err
		}
		if !won {
			return replayed(t.device)
		}
		if t.sent.ID != m.challenge.ID { // it was the device's own code, and no wrong one of what was sent
			if err := tx.RefundChallenge(t.sent.ID); err != nil {
				return err
			}
		}
		if err := tx.Succeed(deviceKey(t.device)); err != nil {
			return err
		}
		e := t.event(s.Core, "")
		if m.challenge.ID != "" {
			e.Factor = string(t.by)
		}
		return s.record(tx, e)
	})
}

// refuseTrial writes down why, and which device the wrong code has paused.
func (s *Devices) refuseTrial(ctx context.Context, t trial, why error, now time.Time) error {
	return s.write(ctx, func(tx *journal) error {
		e := t.event(s.Core, ReasonOf(why))
		if err := s.record(tx, e); err != nil || !t.counted {
			return err
		}
		return s.recordPauses(tx, e, []candidate{{device: t.device}}, now)
	})
}
