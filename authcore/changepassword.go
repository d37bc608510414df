package authcore

import "context"

// ChangePassword gives the user that actor is another password and ends all of
// his sessions. a shows the present one, and counts as a try does. Both factors
// must have been shown in the last ten minutes: else CodeStepUp. A wrong present
// password is CodeUnauthenticated; a new one that won't do, CodeInvalid.
// CodeConflict: he has no password here.
func (s *Users) ChangePassword(ctx context.Context, actor Actor, a Attempt, password string) error {
	if err := actor.changesFactors(s.now()); err != nil {
		return err
	}
	u, err := s.Get(ctx, actor, actor.userID)
	if err != nil {
		return err
	}
	if u.Password == "" {
		return Errorf(CodeConflict, "you have no password here: change it where you log in")
	}
	present := a.Password
	a.Tenant, a.Name = u.Tenant, u.Name // his own, whatever was sent
	v, err := s.Logins.Primary(ctx, a)
	if err != nil {
		return err
	}
	if v.user.ID != u.ID {
		return loginRefused()
	}
	if normal(password) == normal(present) {
		return Errorf(CodeInvalid, "the new password is the old one")
	}
	hash, err := s.hashNew(ctx, addressKey(a.From.Address), password, u)
	if err != nil {
		return err
	}
	v.session = actor.sessionID
	return s.replacePassword(ctx, actor, v, hash)
}

// replacePassword refuses when the user's password was changed, or his sessions or
// the one that he asks through were ended, since v showed it: of changes at once
// one wins.
func (s *Users) replacePassword(ctx context.Context, actor Actor, v *Verified, hash string) error {
	var change EpochChange
	err := s.write(ctx, func(tx *journal) error {
		u, err := v.stands(tx, s.now())
		if err != nil {
			return err
		}
		changed, err := tx.SetUserPassword(u.ID, u.Password, hash)
		if err != nil {
			return err
		}
		if !changed {
			return loginRefused()
		}
		if err := tx.SetRestoredBy(u.ID, ""); err != nil {
			return err
		}
		if change, err = revoke(tx, Subject{SubjectUser, u.ID}, s.now()); err != nil {
			return err
		}
		return s.record(tx, s.userEvent(actor, u, "user.password"))
	})
	if err != nil {
		return err
	}
	s.live.obey(s.now(), change)
	return nil
}
