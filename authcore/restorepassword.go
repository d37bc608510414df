package authcore

import (
	"context"
	"errors"
)

// RestorePassword gives the user of a token of RestoreCode another password and ends his
// sessions. Codes that are sent to where the code went log him in again only after another
// device did, he changed the password, or an operator did. CodeInvalid: the password won't
// do; CodeUnauthenticated: the token won't, which is good once.
func (s *Users) RestorePassword(ctx context.Context, a Attempt, token, password string) error {
	if err := s.inTime(); err != nil {
		return err
	}
	var r restored
	if err := s.readMFA(mfaPassword, a, token, &r); err != nil {
		return err
	}
	var u User
	err := s.store.Read(ctx, func(tx Tx) (err error) { u, _, err = r.stands(tx); return err })
	if err != nil {
		return s.lostRestore(ctx, a, User{ID: r.UserID}, Challenge{DeviceID: r.Device}, err)
	}
	a.Tenant = u.Tenant
	hash, err := s.hashNew(ctx, addressKey(a.From.Address), password, u)
	if err != nil {
		return err
	}
	var change EpochChange
	err = s.write(ctx, func(tx *journal) error {
		if err := tx.LockUser(r.UserID); err != nil { // or two at once would both be the first
			return err
		}
		u, d, err := r.stands(tx)
		if err != nil {
			return err
		}
		if _, err := tx.SetUserPassword(u.ID, u.Password, hash); err != nil {
			return err
		}
		if err := tx.SetRestoredBy(u.ID, d.Address); err != nil {
			return err
		}
		if change, err = revoke(tx, Subject{SubjectUser, u.ID}, s.now()); err != nil {
			return err
		}
		e := s.Logins.event(a, u, "user.password", OutcomeOK, "restored")
		e.DeviceID, e.Factor = d.ID, string(d.Kind)
		return s.record(tx, e)
	})
	if err != nil {
		return s.lostRestore(ctx, a, u, Challenge{DeviceID: r.Device}, err)
	}
	s.live.obey(s.now(), change)
	return nil
}

// stands gives the user and the device that the code went to, unless something has ended what
// r proves. Nobody may restore a password of whom another source vouches for.
func (r restored) stands(tx Tx) (u User, d Device, err error) {
	if u, err = tx.UserByID(r.UserID); err != nil {
		return u, d, err
	}
	if d, err = tx.DeviceByID(r.Device); err != nil {
		return u, d, err
	}
	if u.Disabled || u.Epoch != r.Epoch || u.Password == "" || d.UserID != u.ID || d.Status != StatusActive || d.Address == "" {
		return u, d, errLost
	}
	return u, d, nil
}

// lostRestore is the answer when what was begun has ended meanwhile, or was used already.
func (s *Users) lostRestore(ctx context.Context, a Attempt, u User, c Challenge, err error) error {
	if err != nil && (errors.Is(err, errLost) || CodeOf(err) == CodeNotFound) {
		return s.refuseRestoreCode(ctx, a, u, c, "ended")
	}
	return err
}
