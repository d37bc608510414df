package authcore

import (
	"context"
	"slices"
	"time"
)

// Sessions looks after logins that are still open.
type Sessions struct{ *Core }

// List gives the open sessions of a user, or everybody's when user is empty.
func (s *Sessions) List(ctx context.Context, actor Actor, user string) (list []Session, err error) {
	err = s.store.Read(ctx, func(tx Tx) error {
		id := ""
		if user == "" {
			if err := actor.operates(); err != nil {
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
		if err = actor.maySee(session.Tenant, session.UserID, "session"); err != nil {
			return err
		}
		if !session.EndedAt.IsZero() {
			return Errorf(CodeConflict, "the session has ended already")
		}
		session.EndedAt = now
		if change, err = revoke(tx, Subject{SubjectSession, id}, now); err != nil {
			return err
		}
		return s.record(tx, sessionEvent(actor, session))
	})
	if err != nil {
		return Session{}, err
	}
	s.live.obey(now, change)
	return session, nil
}

// RevokeOthers ends all sessions of the user that actor is but the one he asks
// through, and says how many they were. CodeUnauthenticated when that one has
// ended.
func (s *Sessions) RevokeOthers(ctx context.Context, actor Actor) (int, error) {
	if actor.kind != actorUser || actor.userID == "" {
		return 0, Errorf(CodeForbidden, "only a user may do this, for himself")
	}
	now := s.now()
	var changes []EpochChange
	err := s.write(ctx, func(tx *journal) (err error) { changes, err = s.endOthers(tx, actor, now); return err })
	if err != nil {
		return 0, err
	}
	s.live.obey(now, changes...)
	return len(changes), nil
}

// endOthers holds the user first: of two sessions that end each other one stays.
func (s *Sessions) endOthers(tx *journal, actor Actor, now time.Time) (changes []EpochChange, err error) {
	if err := tx.LockUser(actor.userID); err != nil && CodeOf(err) != CodeNotFound {
		return nil, err
	}
	open, err := tx.Sessions(actor.userID, now)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(slices.Clone(open), func(x Session) bool { return x.ID == actor.sessionID })
	if len(others) == len(open) {
		return nil, Errorf(CodeUnauthenticated, "the session has ended")
	}
	for _, x := range others {
		change, err := revoke(tx, Subject{SubjectSession, x.ID}, now)
		if err != nil {
			return nil, err
		}
		if err := s.record(tx, sessionEvent(actor, x)); err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

func sessionEvent(actor Actor, x Session) Event {
	return Event{
		Actor: actor.String(), Action: "session.revoke", Outcome: OutcomeOK, Tenant: x.Tenant,
		UserID: x.UserID, DeviceID: x.DeviceID, SessionID: x.ID,
	}
}
