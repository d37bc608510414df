package authcore

import (
	"context"
	"errors"
)

// Adding lets the user that actor is enrol another device, with SetApp, SetPhone
// or SetEmail and then Activate. Both factors must have been shown in the last
// ten minutes (law 7): else CodeStepUp. a names the site and the door. Second
// takes no code for what it gives.
func (l *Logins) Adding(ctx context.Context, actor Actor, a Attempt) (*Verified, error) {
	if err := actor.changesFactors(l.now()); err != nil {
		return nil, err
	}
	v, err := l.signedIn(ctx, actor, a)
	if err != nil {
		return nil, err
	}
	v.adds = true
	return v, nil
}

// Activate makes the device count that v, from Adding, is enrolling, by its first
// code, which that uses up. The try is counted before the code is looked at. A
// wrong code is CodeInvalid; CodeThrottled: the device is paused after wrong
// codes; CodeConflict: nothing is being enrolled, or there are as many devices as
// there may be; CodeUnauthenticated: the session has ended.
func (l *Logins) Activate(ctx context.Context, v *Verified, code string) (Device, error) {
	if v == nil || !v.adds {
		return Device{}, loginRefused()
	}
	if err := l.inTime(); err != nil {
		return Device{}, err
	}
	now := l.now()
	counted, err := l.countCode(ctx, v, code, now)
	if err != nil {
		return Device{}, err
	}
	m, matched, err := l.match(ctx, v, counted.candidates, code, now)
	if err != nil {
		return Device{}, l.uncount(ctx, counted, err)
	}
	if !matched {
		return Device{}, l.refuseCode(ctx, v, counted, now)
	}
	err = l.write(ctx, func(tx *journal) error {
		if _, err := l.activate(tx, v, m.device, now); err != nil {
			return err
		}
		won, err := m.consume(tx, now)
		if err != nil {
			return err
		}
		if !won {
			return errLost
		}
		return settle(tx, m, counted.candidates)
	})
	if CodeOf(err) == CodeNotFound || errors.Is(err, errLost) {
		return Device{}, l.refuseCode(ctx, v, lost(m), now)
	}
	if m.device.Status = StatusActive; err != nil {
		return Device{}, err
	}
	return m.device, nil
}
