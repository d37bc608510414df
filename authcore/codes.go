package authcore

import (
	"context"
	"errors"
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
	if v == nil || v.user.ID == "" {
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

func deviceKey(d Device) AttemptKey { return AttemptKey{AttemptDevice, d.ID} }

// refuseCode says "throttled" only to who has shown the primary secret, and
// only while waiting helps.
func (l *Logins) refuseCode(ctx context.Context, v *Verified, c counted, now time.Time) error {
	e := l.event(v.attempt, v.user, "login.code", OutcomeRefused, c.reason)
	e.Factor = "otp"
	if len(c.candidates) == 1 {
		d := c.candidates[0].device
		e.DeviceID, e.Factor = d.ID, string(d.Kind)
	}
	if err := l.write(ctx, func(tx *journal) error { return l.record(tx, e) }); err != nil {
		return err
	}
	if wait := c.until.Sub(now); c.reason == "paused" && wait > 0 {
		return &Error{Code: CodeThrottled, Message: "too many wrong codes, please try again later", RetryAfter: wait}
	}
	return loginRefused()
}

// errLost undoes a transaction in which the code was not won.
var errLost = errors.New("the code was used, or what it belongs to was revoked")

// redeem consumes the code and stores the session in one transaction. The
// epochs are read inside it, so what is revoked meanwhile stays revoked.
func (l *Logins) redeem(ctx context.Context, v *Verified, m matched, c counted, now time.Time) (Login, error) {
	var login Login
	var changes []EpochChange
	err := l.write(ctx, func(tx *journal) (err error) {
		if login, changes, err = l.win(tx, v, m, now); err != nil {
			return err
		}
		if err = settle(tx, m, c.candidates); err != nil {
			return err
		}
		if err = tx.CreateSession(login.Session); err != nil {
			return err
		}
		e := l.event(v.attempt, login.User, "login.code", OutcomeOK, "")
		e.DeviceID, e.Factor, e.SessionID = m.device.ID, string(m.device.Kind), login.Session.ID
		return l.record(tx, e)
	})
	if CodeOf(err) == CodeNotFound || errors.Is(err, errLost) {
		return Login{}, l.refuseCode(ctx, v, counted{candidates: []candidate{m.candidate}, reason: "replayed_or_revoked"}, now)
	}
	if err != nil {
		return Login{}, err
	}
	l.live.obey(now, changes...)
	methods := methodsOf[proven{v.external, m.device.Kind == KindPhone}]
	login.Token, login.ExpiresAt, err = l.token(login.Session, methods, login.User.Epoch, login.Device.Epoch, now)
	return login, err
}

// win activates a device that is being enrolled, consumes the code, and then
// reads what must still stand: the token carries the epochs that are read here.
func (l *Logins) win(tx *journal, v *Verified, m matched, now time.Time) (login Login, changes []EpochChange, err error) {
	pending := m.device.Status == StatusPending
	if pending {
		if changes, err = l.activate(tx, v, m.device, now); err != nil {
			return login, nil, err
		}
	}
	won, err := m.consume(tx, now)
	if err != nil {
		return login, nil, err
	}
	u, err := tx.UserByID(v.user.ID)
	if err != nil {
		return login, nil, err
	}
	d, err := tx.DeviceByID(m.device.ID)
	if err != nil {
		return login, nil, err
	}
	if !won || u.Disabled || u.Epoch != expected(v, changes) || d.UserID != u.ID || !l.factors.Satisfied(d, now) {
		return login, nil, errLost
	}
	return Login{Session: l.newSession(v, u, d, now), User: u, Device: d, Activated: pending}, changes, nil
}

// expected is the epoch of v's user unless somebody else revoked meanwhile.
func expected(v *Verified, own []EpochChange) int64 {
	for _, c := range own {
		if c.Subject.Kind == SubjectUser {
			return c.Epoch
		}
	}
	return v.user.Epoch
}

// settle takes back the tries that this right code was counted for.
func settle(tx Tx, used matched, counted []candidate) error {
	for _, c := range counted {
		take := tx.Refund
		if c.device.ID == used.device.ID {
			take = tx.Succeed
		} else if c.challenge.ID != "" {
			if err := tx.RefundChallenge(c.challenge.ID); err != nil {
				return err
			}
		}
		if err := take(deviceKey(c.device)); err != nil {
			return err
		}
	}
	return nil
}
