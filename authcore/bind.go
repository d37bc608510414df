package authcore

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// Binding is what shows that a session is on a registered client device. One of Secret,
// Session and Signature is given.
type Binding struct {
	// Secret is that of a browser's cookie.
	Secret string
	// Account and Document name an approver, who must be the user; of Secret there is none.
	Account, Document string
	// Session is what the app called its session when it asked for the device.
	Session string
	// Key names the device by what its app calls it; Challenge is one of BindChallenge, and
	// Signature is over its text with the key that was registered: ECDSA P-256 with
	// SHA-256, r and s as 64 bytes (RFC 7518 section 3.4), or Ed25519.
	Key, Challenge string
	Signature      []byte
}

// bindRate is how often a user may bind a session, in a minute on each node: what an app
// calls its session is as hard to guess as the app has made it.
const bindRate = 10

// Bind makes a new session in place of the one that actor asks through, with its times and
// its end, which is bound to the device that b shows (SES-03). One statement says who binds.
// a names the site and the door.
//
// CodeUnauthenticated: the session has ended. CodeForbidden with ReasonClientDevice: b shows
// no active device of the user's, or of an account that is not active; the session goes on as
// it was, and what was wrong is in the audit trail. CodeThrottled with ReasonRate: more than
// ten in a minute.
func (l *Logins) Bind(ctx context.Context, actor Actor, a Attempt, b Binding) (Login, error) {
	v, err := l.signedIn(ctx, actor, a)
	if err != nil {
		return Login{}, err
	}
	now := l.now()
	if wait := l.live.binds.take(v.user.ID, bindRate, now); wait > 0 {
		e := Errorf(CodeThrottled, "sessions are bound %d times a minute at most: try again later", bindRate).because(ReasonRate)
		e.RetryAfter = wait
		return Login{}, e
	}
	v.stepsUp, v.attempt.Replaces = true, v.session
	var login Login
	var changes []EpochChange
	var wrong string
	err = l.write(ctx, func(tx *journal) error {
		var of bond
		if of, wrong, err = l.shown(tx, v, b, now); err != nil {
			return err
		}
		if wrong != "" {
			e := l.event(v.attempt, v.user, "client.bind", OutcomeRefused, wrong)
			e.DeviceID, e.Factor, e.SessionID = of.device.ID, string(KindClient), v.session
			return l.record(tx, e)
		}
		login, changes, err = l.rebind(tx, v, of, now)
		return err
	})
	switch {
	case CodeOf(err) == CodeNotFound, errors.Is(err, errLost):
		return Login{}, loginRefused()
	case err != nil:
		return Login{}, err
	case wrong != "":
		return Login{}, notProven()
	}
	l.live.obey(now, changes...)
	methods := methodsOf[proven{v.external, cmp.Or(actor.by, provenBy(login.Device.Kind, false))}]
	login.Token, login.ExpiresAt, err = l.token(login.Session, v.attempt.Audience, methods, login.epochs, now)
	return login, err
}

// rebind makes the session that takes the place of v's. What must still stand is read in
// its transaction, as for a login.
func (l *Logins) rebind(tx *journal, v *Verified, of bond, now time.Time) (login Login, changes []EpochChange, err error) {
	u, err := v.stands(tx, now)
	if err != nil {
		return login, nil, err
	}
	old, err := tx.SessionByID(v.session)
	if err != nil {
		return login, nil, err
	}
	d, err := tx.DeviceByID(old.DeviceID)
	if err != nil {
		return login, nil, err
	}
	if d.UserID != u.ID || !l.factors.Satisfied(d, old.OTPTime) {
		return login, nil, errLost
	}
	s := l.newSession(v, u, d, now)
	if changes, err = l.replace(tx, v, &s, now); err != nil {
		return login, nil, err
	}
	s.AuthTime, s.OTPTime, s.ClientDevice = old.AuthTime, old.OTPTime, of.device.ID
	login = Login{Session: s, User: u, Device: d, epochs: epochs{user: u.Epoch, device: d.Epoch, session: s.Epoch, client: of.device.Epoch}}
	if err = tx.CreateSession(s); err != nil {
		return login, nil, err
	}
	return login, changes, l.record(tx, l.bound(v.attempt, login))
}

// bound notes that a session is bound to a device from now on.
func (l *Logins) bound(a Attempt, login Login) Event {
	e := l.event(a, login.User, "client.bind", OutcomeOK, "")
	e.DeviceID, e.Factor, e.SessionID = login.Session.ClientDevice, string(KindClient), login.Session.ID
	return e
}
