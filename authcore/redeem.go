package authcore

import (
	"context"
	"errors"
	"time"
)

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
		if m.device.Kind.sent() { // an office behind one address may log in by text messages
			if err = tx.Refund(l.askedFrom(v)); err != nil {
				return err
			}
		}
		if m.device.Kind.Answers() {
			if err = tx.Succeed(askedOf(login.User)); err != nil {
				return err
			}
		}
		if err = tx.CreateSession(login.Session); err != nil {
			return err
		}
		e := l.event(v.attempt, login.User, "login.code", OutcomeOK, "")
		e.DeviceID, e.Factor, e.SessionID = m.device.ID, string(m.device.Kind), login.Session.ID
		if err = l.record(tx, e); err != nil || login.Session.ClientDevice == "" {
			return err
		}
		return l.record(tx, l.bound(v.attempt, login))
	})
	if CodeOf(err) == CodeNotFound || errors.Is(err, errLost) {
		return Login{}, l.refuseCode(ctx, v, lost(m), now)
	}
	if err != nil {
		return Login{}, err
	}
	l.live.obey(now, changes...)
	methods := methodsOf[proven{v.external, provenBy(m.device.Kind, m.answered)}]
	login.Token, login.ExpiresAt, err = l.token(login.Session, v.attempt.Audience, methods, login.epochs, now)
	return login, err
}

// win activates a device that is being enrolled, consumes the code, and then
// reads what must still stand: the token carries the epochs that are read here.
func (l *Logins) win(tx *journal, v *Verified, m matched, now time.Time) (login Login, changes []EpochChange, err error) {
	// Before all that is his, as whoever changes him does, and whoever has another code sent,
	// who counts that before he takes the challenge.
	if v.user.RestoredBy != "" || m.device.Kind.sent() {
		if err := tx.LockUser(v.user.ID); err != nil {
			return login, nil, err
		}
	}
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
	if !won || u.Disabled || u.Epoch != expected(v, changes) || d.UserID != u.ID || !l.factors.Satisfied(d, now) || !u.counts(d) {
		return login, nil, errLost
	}
	if u.RestoredBy != "" {
		if err := tx.SetRestoredBy(u.ID, ""); err != nil {
			return login, nil, err
		}
		u.RestoredBy = ""
	}
	login = Login{Session: l.newSession(v, u, d, now), User: u, Device: d, Activated: pending}
	replaced, err := l.replace(tx, v, &login.Session, now)
	if err != nil {
		return login, nil, err
	}
	b, err := l.bind(tx, v, &login.Session)
	login.epochs = epochs{user: u.Epoch, device: d.Epoch, session: login.Session.Epoch, client: b.device.Epoch}
	return login, append(changes, replaced...), err
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
