package authcore

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Opening is what an integrator opens a session for.
type Opening struct {
	User, Password string
	// Lifetime is more than none, and cut to Options.SessionLifetime.
	Lifetime time.Duration
	From     Origin
}

// Open makes a session of an integrator's own for a user who has shown a password: it
// has no token and opens no site, for no code was shown. The errors are those of
// CheckPassword, and CodeInvalid for a lifetime of none.
func (s *Sessions) Open(ctx context.Context, actor Actor, o Opening) (Session, error) {
	if err := actor.integrates(); err != nil {
		return Session{}, err
	}
	if o.Lifetime <= 0 {
		return Session{}, Errorf(CodeInvalid, "a session lasts for some time: give its lifetime")
	}
	v, err := s.Users.passwordOf(ctx, actor, o.User, o.Password, o.From)
	if err != nil {
		return Session{}, err
	}
	now := s.now()
	session := Session{
		ID: uuid.NewString(), Tenant: v.user.Tenant, UserID: v.user.ID, ClientID: actor.dialect, Address: o.From.Address,
		AuthTime: now, ExpiresAt: now.Add(min(o.Lifetime, s.sessionLifetime)),
	}
	err = s.write(ctx, func(tx *journal) error {
		if err := tx.LockUser(v.user.ID); err != nil && CodeOf(err) != CodeNotFound { // or what ends his sessions now would miss this one
			return err
		}
		if _, err := v.stands(tx, now); err != nil {
			return err
		}
		if err := tx.CreateSession(session); err != nil {
			return err
		}
		e := sessionEvent(actor, session)
		e.Action, e.Address, e.RequestID = "session.open", o.From.Address, o.From.RequestID
		return s.record(tx, e)
	})
	if CodeOf(err) == CodeUnauthenticated {
		err = wrongSecret()
	}
	if err != nil {
		return Session{}, err
	}
	return session, nil
}

// Opened finds a session that Open made in the actor's dialect and tenant, and that
// stands: it has neither ended nor expired, and its user is not disabled.
// CodeNotFound for any other.
func (s *Sessions) Opened(ctx context.Context, actor Actor, id string) (session Session, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) { session, err = s.opened(tx, actor, id); return err })
	return session, err
}

// Close ends a session that Opened finds.
func (s *Sessions) Close(ctx context.Context, actor Actor, id string) (session Session, err error) {
	var change EpochChange
	now := s.now()
	err = s.write(ctx, func(tx *journal) (err error) {
		if session, err = s.opened(tx, actor, id); err != nil {
			return err
		}
		if change, err = revoke(tx, Subject{SubjectSession, session.ID}, now); err != nil {
			return err
		}
		session.EndedAt = now
		return s.record(tx, sessionEvent(actor, session))
	})
	if err != nil {
		return Session{}, err
	}
	s.live.obey(now, change)
	return session, nil
}

func (s *Sessions) opened(tx Tx, actor Actor, id string) (Session, error) {
	if err := actor.integrates(); err != nil {
		return Session{}, err
	}
	if uuid.Validate(id) != nil {
		return Session{}, notFound("session")
	}
	session, err := tx.SessionByID(id)
	own := session.ClientID == actor.dialect && session.Tenant == actor.tenant && !session.coded()
	if CodeOf(err) == CodeNotFound || err == nil && !own { // of another tenant: at the same cost
		return Session{}, notFound("session")
	}
	if err != nil {
		return Session{}, err
	}
	u, err := tx.UserByID(session.UserID)
	stands := session.EndedAt.IsZero() && s.now().Before(session.ExpiresAt) && !u.Disabled
	if CodeOf(err) == CodeNotFound || err == nil && !stands {
		err = notFound("session")
	}
	if err != nil {
		return Session{}, err
	}
	return session, nil
}

// coded says whether a code was shown for the session: one that an integrator opened
// has none, and nothing of ours goes by it.
func (s Session) coded() bool { return !s.OTPTime.IsZero() }

// integrates says whether a is an integrator.
func (a Actor) integrates() error {
	if a.isIntegrator() && a.dialect != "" {
		return nil
	}
	return Errorf(CodeForbidden, "only an integrator may do this")
}
