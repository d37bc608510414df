package authcore

import (
	"context"
	"time"
)

// StepUp lets the user that actor is show another code for the session he has:
// Second then makes a new session in its place, with the time of this code, the
// password's time of the old one, and the end of the old one (SES-03). a names
// the site and the door. CodeUnauthenticated when the session has ended.
func (l *Logins) StepUp(ctx context.Context, actor Actor, a Attempt) (*Verified, error) {
	v, err := l.signedIn(ctx, actor, a)
	if err != nil {
		return nil, err
	}
	v.stepsUp, v.attempt.Replaces = true, v.session
	return v, nil
}

// signedIn is the user that actor is, as long as the session stands that he asks
// through.
func (l *Logins) signedIn(ctx context.Context, actor Actor, a Attempt) (*Verified, error) {
	if actor.kind != actorUser || actor.userID == "" || actor.sessionID == "" {
		return nil, loginRefused()
	}
	if err := l.inTime(); err != nil {
		return nil, err
	}
	v := &Verified{session: actor.sessionID, at: actor.authTime, external: actor.external}
	err := l.store.Read(ctx, func(tx Tx) (err error) {
		if v.user, err = findUser(tx, actor, actor.userID); err != nil {
			return err
		}
		_, err = v.stands(tx, l.now())
		return err
	})
	if CodeOf(err) == CodeNotFound {
		return nil, loginRefused()
	}
	if err != nil {
		return nil, err
	}
	a.Tenant, a.Name, a.Password, a.actor = v.user.Tenant, v.user.Name, "", actor.String()
	v.attempt = a
	return v, nil
}

// replace ends the session that s takes the place of. One statement says who
// steps up: of two codes at once only the first makes a session (law 2).
func (l *Logins) replace(tx Tx, v *Verified, s *Session, now time.Time) ([]EpochChange, error) {
	if v.attempt.Replaces == "" {
		return nil, nil
	}
	if v.stepsUp {
		old, err := tx.SessionByID(v.session)
		if err != nil {
			return nil, err
		}
		if s.ExpiresAt = earlier(s.ExpiresAt, old.ExpiresAt); !now.Before(s.ExpiresAt) {
			return nil, errLost
		}
		s.ClientDevice = old.ClientDevice
	}
	old := Subject{SubjectSession, v.attempt.Replaces}
	ended, err := tx.EndSessions(old, now)
	switch {
	case err != nil:
		return nil, err
	case ended == 0 && v.stepsUp:
		return nil, errLost
	case ended == 0:
		return nil, nil
	}
	epoch, err := tx.BumpEpoch(old, now)
	return []EpochChange{{old, epoch}}, err
}
