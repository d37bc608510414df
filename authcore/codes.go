package authcore

import (
	"context"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// Second checks a code of v against his devices and, if it is right, makes the
// session. The try is counted against each device, and the count committed,
// before the code is looked at (law 3); one statement then decides who used it
// (law 2).
func (l *Logins) Second(ctx context.Context, v *Verified, code string) (Login, error) {
	if v == nil || v.user.ID == "" {
		return Login{}, loginRefused()
	}
	if err := l.inTime(); err != nil {
		return Login{}, err
	}
	now := l.now()
	devices, reason, err := l.countCode(ctx, v, now)
	if err != nil {
		return Login{}, err
	}
	d, counter, matched := l.match(devices, code, now)
	if !matched {
		return Login{}, l.refuseCode(ctx, v, devices, reason)
	}
	return l.redeem(ctx, v, d, devices, counter, now)
}

// countCode counts one try against each active device, and gives those that it
// could be counted for: no other one is looked at.
func (l *Logins) countCode(ctx context.Context, v *Verified, now time.Time) (counted []Device, reason string, err error) {
	err = l.store.Write(ctx, func(tx Tx) error {
		counted, reason = nil, "no_device"
		devices, err := tx.Devices(v.user.Tenant, v.user.ID)
		if err != nil {
			return err
		}
		for _, d := range devices {
			if !l.factors.Satisfied(d, now) {
				continue
			}
			ok, err := tx.Reserve(deviceKey(d), l.limits.Device, now)
			if err != nil {
				return err
			}
			if ok {
				counted, reason = append(counted, d), "wrong_code"
			} else if len(counted) == 0 {
				reason = "paused"
			}
		}
		return nil
	})
	return counted, reason, err
}

func deviceKey(d Device) AttemptKey { return AttemptKey{AttemptDevice, d.ID} }

// match computes the codes of every device, whether or not one matched before.
func (l *Logins) match(devices []Device, code string, now time.Time) (found Device, counter int64, ok bool) {
	for _, d := range devices {
		key, err := l.deviceSecret(d)
		if err != nil {
			l.log.Error("a device's secret can't be used: it verifies nothing", "device_id", d.ID, "error", err)
			continue
		}
		if n, match := d.match(key, code, now); match && !ok {
			found, counter, ok = d, n, true
		}
	}
	return found, counter, ok
}

func (d Device) match(key oath.Key, code string, now time.Time) (int64, bool) {
	if d.Kind == KindTOTP {
		return key.MatchTOTP(code, now, d.LastCounter, d.LookAhead, d.Drift)
	}
	return key.MatchHOTP(code, d.LastCounter, d.LookAhead)
}

// maxDrift is how far, in steps, a login may let a clock wander; farther needs
// a resynchronisation (RFC 6238 section 6).
const maxDrift = 2

// driftOf is the drift to remember after counter was used at now.
func (d Device) driftOf(counter int64, now time.Time) int {
	if d.Kind != KindTOTP || d.Period <= 0 {
		return 0
	}
	drift := int(counter - now.Unix()/int64(d.Period))
	bound := max(maxDrift, d.Drift, -d.Drift)
	return max(-bound, min(bound, drift))
}

func (l *Logins) refuseCode(ctx context.Context, v *Verified, devices []Device, reason string) error {
	e := l.event(v.attempt, v.user, "login.code", OutcomeRefused, reason)
	e.Factor = "otp"
	if len(devices) == 1 {
		e.DeviceID, e.Factor = devices[0].ID, string(devices[0].Kind)
	}
	if err := l.write(ctx, func(tx *journal) error { return l.record(tx, e) }); err != nil {
		return err
	}
	return loginRefused()
}

// redeem consumes the code and stores the session in one transaction. The
// epochs are read inside it, so what is revoked meanwhile stays revoked.
func (l *Logins) redeem(ctx context.Context, v *Verified, d Device, counted []Device, counter int64, now time.Time) (Login, error) {
	var u User
	var s Session
	won := false
	err := l.write(ctx, func(tx *journal) (err error) {
		e := l.event(v.attempt, v.user, "login.code", OutcomeRefused, "replayed_or_revoked")
		e.DeviceID, e.Factor = d.ID, string(d.Kind)
		if won, err = tx.ConsumeCounter(d.ID, counter, d.driftOf(counter, now), now); err != nil {
			return err
		}
		if u, err = tx.UserByID(v.user.ID); err != nil {
			return err
		}
		if d, err = tx.DeviceByID(d.ID); err != nil {
			return err
		}
		won = won && !u.Disabled && u.Epoch == v.user.Epoch && d.UserID == u.ID && l.factors.Satisfied(d, now)
		if !won {
			return l.record(tx, e)
		}
		if err = settle(tx, d, counted); err != nil {
			return err
		}
		s = l.newSession(v, u, d, now)
		if err = tx.CreateSession(s); err != nil {
			return err
		}
		e.Outcome, e.Reason, e.SessionID = OutcomeOK, "", s.ID
		return l.record(tx, e)
	})
	if CodeOf(err) == CodeNotFound || err == nil && !won {
		return Login{}, loginRefused()
	}
	if err != nil {
		return Login{}, err
	}
	token, expires, err := l.token(s, u.Epoch, d.Epoch, now)
	return Login{Token: token, ExpiresAt: expires, Session: s, User: u}, err
}

// settle takes back the tries that this right code was counted for.
func settle(tx Tx, used Device, counted []Device) error {
	for _, d := range counted {
		take := tx.Refund
		if d.ID == used.ID {
			take = tx.Succeed
		}
		if err := take(deviceKey(d)); err != nil {
			return err
		}
	}
	return nil
}
