package authcore

import "context"

// Sessions looks after logins that are still open.
type Sessions struct{ *Core }

// List gives the open sessions of a user, or everybody's when user is empty.
func (s *Sessions) List(ctx context.Context, actor Actor, user string) (list []Session, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		id := ""
		if user == "" {
			if err := actor.administers(); err != nil {
				return err
			}
		} else {
			u, err := findUser(tx, actor, user)
			if err != nil {
				return err
			}
			id = u.ID
		}
		list, err = tx.Sessions(id, s.now())
		return err
	})
	return list, err
}

// Revoke ends a session. Its tokens open nothing more, and its open streams end.
func (s *Sessions) Revoke(ctx context.Context, actor Actor, id string) (session Session, err error) {
	var change EpochChange
	now := s.now()
	err = s.write(ctx, func(tx *journal) (err error) {
		session, err = tx.SessionByID(id)
		if CodeOf(err) == CodeNotFound {
			return notFound("session")
		}
		if err != nil {
			return err
		}
		if err = actor.maySee(session.UserID, "session"); err != nil {
			return err
		}
		if !session.EndedAt.IsZero() {
			return Errorf(CodeConflict, "the session has ended already")
		}
		session.EndedAt = now
		if change, err = revoke(tx, Subject{SubjectSession, id}, now); err != nil {
			return err
		}
		return s.record(tx, Event{
			Actor: actor.String(), Action: "session.revoke", Outcome: OutcomeOK, Tenant: session.Tenant,
			UserID: session.UserID, DeviceID: session.DeviceID, SessionID: id,
		})
	})
	if err != nil {
		return Session{}, err
	}
	s.live.obey(now, change)
	return session, nil
}
