package authcore

import "context"

// RemoveApprover ends what a user may on an account. His devices there that wait are
// rejected, the others retired for good, and the sessions that are bound to them end.
// CodeNotFound when he is none.
func (s *Accounts) RemoveApprover(ctx context.Context, actor Actor, account, user string) (removed Approver, err error) {
	if err := actor.operates(); err != nil {
		return Approver{}, err
	}
	var changes []EpochChange
	err = s.write(ctx, func(tx *journal) error {
		a, err := findAccount(tx, actor, account)
		if err != nil {
			return err
		}
		u, err := findUser(tx, actor, user)
		if err != nil {
			return err
		}
		if err := lockUser(tx, u.ID); err != nil { // before his devices, as he does himself
			return err
		}
		removed, err = tx.ApproverByUser(a.ID, u.ID)
		if CodeOf(err) == CodeNotFound {
			return Errorf(CodeNotFound, "user %s is no approver of account %s", u.Name, a.Name).because(ReasonApprover)
		}
		if err != nil {
			return err
		}
		if changes, err = s.retireClients(tx, actor, a, u.ID); err != nil {
			return err
		}
		if _, err := tx.RemoveApprover(a.ID, u.ID); err != nil {
			return err
		}
		return s.record(tx, approverEvent(actor, a, u.ID, "approver.remove"))
	})
	if err != nil {
		return Approver{}, err
	}
	s.live.obey(s.now(), changes...)
	return removed, nil
}

// retireClients retires what a user has on an account. The caller has locked him.
func (s *Accounts) retireClients(tx *journal, actor Actor, a Account, userID string) (changes []EpochChange, err error) {
	devices, err := clientsOn(tx, a, userID)
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		if d.Status == StatusDeactivated || d.Status == StatusRejected {
			continue
		}
		change, err := s.retireClient(tx, actor, d)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// retireClient rejects a device that waits and deactivates any other. What was sent for
// it is void.
func (s *Accounts) retireClient(tx *journal, actor Actor, d Device) (EpochChange, error) {
	to, reason, action := StatusDeactivated, "", "device.deactivate"
	if d.Status == StatusPending {
		to, reason, action = StatusRejected, RefusedPerson, "client.refuse"
	}
	moved, err := tx.MoveDevice(d.ID, to, d.Status)
	if err != nil {
		return EpochChange{}, err
	}
	if !moved {
		return EpochChange{}, Errorf(CodeConflict, "device %s was changed meanwhile: try again", d.Serial)
	}
	d.Status = to
	if err := noteClient(tx, d, reason, s.now()); err != nil {
		return EpochChange{}, err
	}
	e := s.deviceEvent(actor, d, action, "")
	e.Reason = reason // why: it went well
	if err := s.record(tx, e); err != nil {
		return EpochChange{}, err
	}
	return revoke(tx, Subject{SubjectDevice, d.ID}, s.now())
}
