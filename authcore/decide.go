package authcore

import "context"

// Waiting gives the requests that wait for the user that actor is, the oldest first, those
// of his own browsers too.
func (s *Approvals) Waiting(ctx context.Context, actor Actor) (list []ClientDevice, err error) {
	if err := actor.isUser(); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		waiting, err := tx.Waiting(actor.userID, s.now())
		if err != nil {
			return err
		}
		for _, a := range waiting {
			d, err := tx.DeviceByID(a.DeviceID)
			if err != nil {
				return err
			}
			c, err := s.assemble(tx, d)
			if err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Approve lets a device in, named by serial or ID, that waits. A user does so as the one
// who decides, with both factors shown in the last ten minutes (else CodeStepUp), and in a
// session that is bound to another device of his that counts (else CodeForbidden with
// ReasonClientDevice): or who stole a password and a code would let himself in. An
// operator may without; an integrator never: it has the token.
//
// CodeNotFound: there is no such device, or another decides. CodeConflict: nothing waits any
// more, or, with ReasonAccountClosed, its account is not active.
func (s *Approvals) Approve(ctx context.Context, actor Actor, ref string, from Origin) (d Device, err error) {
	if err := s.inTime(); err != nil {
		return Device{}, err
	}
	now := s.now()
	err = s.write(ctx, func(tx *journal) (err error) {
		var a Approval
		if d, a, err = s.undecided(tx, actor, ref, now); err != nil {
			return err
		}
		if actor.operates() != nil {
			if err = actor.onDevice(tx, d.ID); err != nil {
				return err
			}
		}
		if err = accountOpen(tx, d); err != nil {
			return err
		}
		d, err = s.letIn(tx, actor, d, a, from, now)
		return err
	})
	if err != nil {
		return Device{}, decidedElsewhere(d, err)
	}
	return d, nil
}

// Refuse rejects a request. Who decides needs both factors shown in the last ten
// minutes, and no other device. The errors are those of Approve.
func (s *Approvals) Refuse(ctx context.Context, actor Actor, ref string, from Origin) (d Device, err error) {
	now := s.now()
	var changes []EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		var a Approval
		if d, a, err = s.undecided(tx, actor, ref, now); err != nil {
			return err
		}
		if changes, err = s.turnAway(tx, actor, d, a, RefusedPerson, from, now); err != nil {
			return err
		}
		d, err = tx.DeviceByID(d.ID)
		return err
	})
	if err != nil {
		return Device{}, decidedElsewhere(d, err)
	}
	s.live.obey(now, changes...)
	return d, nil
}
