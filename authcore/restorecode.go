package authcore

import (
	"context"
	"time"
)

// restored is what a token of the use mfaPassword goes on with.
type restored struct {
	UserID string
	Epoch  int64  // of the user: whatever ends all his sessions ends it
	Device string // where the code went
}

// restoreLimit are the codes that are looked at for one token, whoever it is of.
func (c *Core) restoreLimit() AttemptLimit {
	return AttemptLimit{InARow: challengeTries, Window: ChallengeLifetime, Pause: ChallengeLifetime}
}

// RestoreCode takes the code, five times at most for one token, and no other device's. token is
// for RestorePassword then. CodeUnauthenticated: whatever is wrong.
func (s *Users) RestoreCode(ctx context.Context, a Attempt, token, code string) (next string, until time.Time, err error) {
	if err := s.inTime(); err != nil {
		return "", until, err
	}
	var r restoring
	if err := s.readMFA(mfaRestore, a, token, &r); err != nil {
		return "", until, err
	}
	c, u, counted, err := s.countRestoreCode(ctx, r.Challenge)
	if err != nil {
		return "", until, err
	}
	if !counted.token { // no row: he could fill the trail
		s.log.Warn("too many codes for one password that is restored", "address", a.From.Address, "request_id", a.From.RequestID)
		return "", until, loginRefused()
	}
	a.Tenant = u.Tenant
	reason := ""
	switch {
	case !counted.code:
		reason = "not_counted"
	case c.Purpose != PurposeRestore || c.Binding != restoreBinding(a, u) || u.Disabled || u.Password == "":
		reason = "ended"
	case !s.isSent(Device{ID: c.DeviceID}, c, code):
		reason = "wrong_code"
	}
	if reason != "" {
		return "", until, s.refuseRestoreCode(ctx, a, u, c, reason)
	}
	until = time.Unix(s.now().Add(ChallengeLifetime).Unix(), 0)
	if next, err = s.signMFA(mfaPassword, a, until, restored{u.ID, u.Epoch, c.DeviceID}); err != nil {
		return "", time.Time{}, err
	}
	if err := s.redeemRestore(ctx, a, u, c); err != nil {
		return "", time.Time{}, err
	}
	return next, until, nil
}

// restoreCounted says what a try was counted against.
type restoreCounted struct{ token, code bool }

// countRestoreCode counts the try before anything is compared (law 3), and finds what there is
// to compare, with the same statements for a code that nobody gets (law 12): hence the
// counter of the token, beside that of the code.
func (s *Users) countRestoreCode(ctx context.Context, id string) (c Challenge, u User, counted restoreCounted, err error) {
	now := s.now()
	err = s.store.Write(ctx, func(tx Tx) error {
		var err error
		if counted.code, err = tx.TryChallenge(id, challengeTries, now); err != nil {
			return err
		}
		if counted.token, err = tx.Reserve(AttemptKey{AttemptSendAddress, "restore|" + id}, s.restoreLimit(), now); err != nil {
			return err
		}
		if c, err = tx.ChallengeByID(id); err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		u, err = tx.UserByID(c.UserID)
		if CodeOf(err) == CodeNotFound {
			return nil
		}
		return err
	})
	return c, u, counted, err
}

func (s *Users) refuseRestoreCode(ctx context.Context, a Attempt, u User, c Challenge, reason string) error {
	err := s.write(ctx, func(tx *journal) error {
		e := s.Logins.restoreEvent(a, u, "user.restore_code", reason)
		e.DeviceID = c.DeviceID
		return s.record(tx, e)
	})
	if err != nil {
		return err
	}
	return loginRefused()
}

// redeemRestore uses the code up, once, if its device still counts and nothing has ended what
// was begun.
func (s *Users) redeemRestore(ctx context.Context, a Attempt, u User, c Challenge) error {
	now, won := s.now(), false
	err := s.write(ctx, func(tx *journal) error {
		if err := tx.LockUser(u.ID); err != nil {
			return err
		}
		present, err := tx.UserByID(u.ID)
		if err != nil {
			return err
		}
		if present.Epoch != u.Epoch || present.Disabled {
			return errLost
		}
		if won, err = tx.RedeemChallenge(c.ID, now); err != nil {
			return err
		}
		if !won {
			return errLost
		}
		if err := tx.Refund(restoreAskedFrom(a)); err != nil { // as askedFrom of a login
			return err
		}
		e := s.Logins.restoreEvent(a, u, "user.restore_code", "")
		e.DeviceID = c.DeviceID
		return s.record(tx, e)
	})
	return s.lostRestore(ctx, a, u, c, err)
}
