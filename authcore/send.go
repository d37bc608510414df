package authcore

import (
	"cmp"
	"context"
)

// challenge sends a code to d: a new one in place of any other, or, unless
// again, none while one is alive. The code is stored before it is sent, so that
// no transaction waits for a channel; what surely was not sent costs nothing.
func (l *Logins) challenge(ctx context.Context, v *Verified, d Device, again bool) (Step, error) {
	if err := l.inTime(); err != nil {
		return Step{}, err
	}
	o, err := l.newDelivery(v.user, d, v.purpose(), v.asking(d))
	counted := d.Address
	if d.Kind.Answers() { // many may be asked by one URL, and are not one
		counted, err = d.ID, cmp.Or(err, o.asks(d, v.attempt.From.Address, ""))
	}
	if err != nil {
		return Step{}, err
	}
	o.to, o.by, o.channel, o.language = d.Address, d.Kind, l.channels[d.Kind], v.attempt.Language
	o.sendings = append([]sending{{l.askedFrom(v), l.limits.SendAddress}}, l.sendingsTo(v.user, counted)...)
	if d.Kind.Answers() {
		o.sendings = append(o.sendings, sending{askedOf(v.user), askLimit})
	}
	o.event = l.event(v.attempt, v.user, "code.send", OutcomeOK, "")
	o.event.DeviceID, o.event.Factor = d.ID, string(d.Kind)
	put, err := l.putChallenge(ctx, v, o, again)
	if err == nil && put.ID == o.challenge.ID {
		err = l.deliver(ctx, o)
	}
	if err != nil {
		return Step{}, err
	}
	return stepOf(d, put), nil
}

// stepOf shows v where c went. What a question goes to is nothing for his eyes.
func stepOf(d Device, c Challenge) Step {
	step := Step{Kind: d.Kind, Enrol: d.Status == StatusPending, Address: d.Address, ExpiresAt: c.ExpiresAt, Number: c.Number}
	if d.Kind.Answers() {
		step.Address, step.Name = "", d.Name
	}
	return step
}

// putChallenge stores what o sends, or gives the code that is alive.
func (l *Logins) putChallenge(ctx context.Context, v *Verified, o delivery, again bool) (put Challenge, err error) {
	var full AttemptKind
	err = l.write(ctx, func(tx *journal) error {
		put = o.challenge
		if _, err := l.lockDevices(tx, v); err != nil { // or two at once would send two
			return err
		}
		old, err := tx.Challenge(put.UserID, put.Purpose)
		if err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		if !again && err == nil && old.alive(put) {
			put = old
			return nil
		}
		full, err = l.putDelivery(tx, o)
		return err
	})
	if CodeOf(err) == CodeThrottled {
		e := o.event
		e.Outcome, e.Reason = OutcomeRefused, string(full)
		err = cmp.Or(l.write(ctx, func(tx *journal) error { return l.record(tx, e) }), err)
	}
	return put, err
}

// alive says whether the code that is on its way will do where next would be
// sent.
func (c Challenge) alive(next Challenge) bool {
	return c.DeviceID == next.DeviceID && c.Binding == next.Binding && c.Tries < challengeTries &&
		c.Answer != AnswerNo && c.RedeemedAt.IsZero() && c.ExpiresAt.After(next.CreatedAt)
}
