package authcore

import "context"

// SetStrict says whether a new device of the user that actor is must be approved from a
// registered one (User.StrictDevices). It changes how he logs in, so both factors must be
// fresh (CodeStepUp) and to lift it the session must be bound (CodeForbidden with
// ReasonClientDevice): or it would keep nobody out who has both. What waits for a token when
// it is set waits for him instead. CodeConflict when he has no device that counts: he would
// never get one.
func (s *Approvals) SetStrict(ctx context.Context, actor Actor, strict bool) error {
	if err := actor.changesFactors(s.now()); err != nil {
		return err
	}
	return s.write(ctx, func(tx *journal) error {
		u, err := s.lockSelf(tx, actor)
		if err != nil {
			return err
		}
		action := devicesStrict
		if strict {
			err = s.tighten(tx, u)
		} else {
			action, err = devicesLenient, actor.onDevice(tx, "")
		}
		if err != nil || u.StrictDevices == strict {
			return err
		}
		if err := tx.SetStrictDevices(u.ID, strict); err != nil {
			return err
		}
		return s.record(tx, s.Users.userEvent(actor, u, action))
	})
}

// tighten makes all that waits for u wait for him at a registered device, of which he must
// have one: no token and no picture lets it in from now on, also not when this is lifted.
func (s *Approvals) tighten(tx Tx, u User) error {
	registered, err := registeredClient(tx, u)
	if err != nil {
		return err
	}
	if !registered {
		return Errorf(CodeConflict, "register a device first: without one nothing could approve another")
	}
	waiting, err := tx.Waiting(u.ID, s.now())
	if err != nil {
		return err
	}
	for _, a := range waiting {
		old := a.ID
		if err := s.renumber(&a); err != nil {
			return err
		}
		a.Way, a.TokenExpiresAt = WayDevice, a.CreatedAt
		if _, err := tx.RenewApproval(old, a, tokenTries); err != nil {
			return err
		}
	}
	return nil
}
