package authcore

import (
	"context"
	"time"
)

// Second checks a code of v against his devices and, if it is right, makes the
// session. The try is counted against each device that the code may be of, and
// the count committed, before the code is looked at (law 3); one statement then
// decides who used it (law 2). The first code of a device that is being
// enrolled activates it.
//
// CodeThrottled: every such device is paused after wrong codes.
func (l *Logins) Second(ctx context.Context, v *Verified, code string) (Login, error) {
	if v == nil || v.user.ID == "" || v.adds {
		return Login{}, loginRefused()
	}
	if err := l.inTime(); err != nil {
		return Login{}, err
	}
	now := l.now()
	counted, err := l.countCode(ctx, v, code, now)
	if err != nil {
		return Login{}, err
	}
	m, matched, err := l.match(ctx, v, counted.candidates, code, now)
	if err != nil {
		return Login{}, l.uncount(ctx, counted, err)
	}
	if !matched {
		return Login{}, l.refuseCode(ctx, v, counted, now)
	}
	return l.redeem(ctx, v, m, counted, now)
}

// counted is what came of counting: the devices whose codes may be looked at,
// or why there is none.
type counted struct {
	candidates []candidate
	reason     string
	until      time.Time // the end of the pause when the reason is "paused"
}

// countCode counts one try against each device that the code may be of, and
// gives those that it could be counted for: no other one is looked at.
func (l *Logins) countCode(ctx context.Context, v *Verified, code string, now time.Time) (c counted, err error) {
	err = l.store.Write(ctx, func(tx Tx) error {
		c = counted{reason: "no_device"}
		candidates, err := l.candidates(tx, v, code, now)
		if err != nil {
			return err
		}
		for _, one := range candidates {
			ok, err := one.reserve(tx, l.limits.Device, now)
			if err != nil {
				return err
			}
			if ok {
				c.candidates, c.reason = append(c.candidates, one), "wrong_code"
				continue
			}
			if err := c.explain(tx, one.device); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// uncount takes back what was counted for a code that could not be looked at,
// although the caller's time may be up, and gives why.
func (l *Logins) uncount(ctx context.Context, c counted, why error) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	err := l.store.Write(ctx, func(tx Tx) error {
		for _, one := range c.candidates {
			if one.challenge.ID != "" {
				if err := tx.RefundChallenge(one.challenge.ID); err != nil {
					return err
				}
			}
			if err := tx.Refund(deviceKey(one.device)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return why
}

// afterwards is for what is left to do when the caller has gone or his time is up:
// so much later that an answer still comes within three seconds (law 13).
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	end, bounded := ctx.Deadline()
	if ctx = context.WithoutCancel(ctx); !bounded {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end.Add(400*time.Millisecond))
}

// explain notes why d could not be tried, unless another can.
func (c *counted) explain(tx Tx, d Device) error {
	if len(c.candidates) > 0 {
		return nil
	}
	a, err := tx.Attempts(deviceKey(d))
	c.reason = "paused"
	if a.PausedUntil.After(c.until) {
		c.until = a.PausedUntil
	}
	return err
}

// lost is what to tell of a code that was right and not won.
func lost(m matched) counted {
	return counted{candidates: []candidate{m.candidate}, reason: "replayed_or_revoked"}
}

func deviceKey(d Device) AttemptKey { return AttemptKey{AttemptDevice, d.ID} }

// recordPauses notes which devices the wrong code has paused: what was counted
// was not paused before. Of tries at the same time, more than one may note it. e is
// the row of the wrong code.
func (c *Core) recordPauses(tx *journal, e Event, candidates []candidate, now time.Time) error {
	e.Action, e.Outcome, e.Reason = "device.pause", OutcomeOK, ""
	for _, one := range candidates {
		a, err := tx.Attempts(deviceKey(one.device))
		if err != nil {
			return err
		}
		if limit := c.limits.Device; !a.PausedUntil.After(now) && (limit.Cap == 0 || a.Total < limit.Cap) {
			continue
		}
		e.DeviceID, e.Factor = one.device.ID, string(one.device.Kind)
		if err := c.record(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// refuseCode says "throttled" only to who has shown the primary secret, and
// only while waiting helps.
func (l *Logins) refuseCode(ctx context.Context, v *Verified, c counted, now time.Time) error {
	action := "login.code"
	if v.adds {
		action = "device.activate"
	}
	e := l.event(v.attempt, v.user, action, OutcomeRefused, c.reason)
	e.Factor = "otp"
	if len(c.candidates) == 1 {
		d := c.candidates[0].device
		e.DeviceID, e.Factor = d.ID, string(d.Kind)
	}
	err := l.write(ctx, func(tx *journal) error {
		if err := l.record(tx, e); err != nil {
			return err
		}
		return l.recordPauses(tx, e, c.candidates, now)
	})
	if err != nil {
		return err
	}
	if wait := c.until.Sub(now); c.reason == "paused" && wait > 0 {
		return &Error{Code: CodeThrottled, Message: "too many wrong codes, please try again later", RetryAfter: wait}
	}
	switch {
	case v.adds && c.reason == "no_device":
		return Errorf(CodeConflict, "no device is being added: begin again")
	case v.adds:
		return Errorf(CodeInvalid, "that is not the code of the new device")
	}
	return loginRefused()
}
