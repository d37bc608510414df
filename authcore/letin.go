package authcore

import "time"

// letIn approves a: of who does so at once one wins. It moves the device, gives it a's
// marks, notes history and audit. The caller has locked the one who decides, and read d
// and a after that. errLost: another was first, or the device is no longer one that can be
// let in.
func (s *Approvals) letIn(tx *journal, actor Actor, d Device, a Approval, from Origin, now time.Time) (Device, error) {
	if d.Status != StatusPending && d.Status != StatusActive {
		return d, errLost
	}
	u, err := tx.UserByID(d.UserID)
	if err != nil {
		return d, err
	}
	if u.Disabled {
		return d, errLost
	}
	moved, err := tx.MoveDevice(d.ID, StatusActive, d.Status)
	if err != nil || !moved {
		return d, orLost(err)
	}
	marks, err := s.marksOf(a)
	if err != nil {
		return d, err
	}
	if err := tx.MarkClient(d.ID, marks); err != nil {
		return d, err
	}
	won, err := tx.DecideApproval(a.ID, ApprovalApproved, now)
	if err != nil || !won {
		return d, orLost(err)
	}
	if err := tx.AppendStatus(d.ID, StatusChange{Status: StatusActive, At: now}); err != nil {
		return d, err
	}
	d.Status = StatusActive
	return d, s.record(tx, s.clientEvent(actor, d, from, "client.approve", ""))
}

// marksOf are those that a device gets with a: its session is sealed for the device.
func (s *Approvals) marksOf(a Approval) (Marks, error) {
	m := a.Marks
	if len(m.Session) == 0 {
		return m, nil
	}
	session, err := s.ring.Open("approvals", "session", a.ID, a.Session)
	if err != nil {
		return m, Wrap(CodeInternal, err, "the session of the request can't be read")
	}
	m.Session = s.ring.Seal("clients", "session", a.DeviceID, session)
	return m, nil
}

// turnAway refuses a; a pending device is rejected, an active one keeps its marks. reason is
// one of Refused…. The caller locks as for letIn, and errLost is that of letIn.
func (s *Approvals) turnAway(tx *journal, actor Actor, d Device, a Approval, reason string, from Origin, now time.Time) (changes []EpochChange, err error) {
	if d.Status == StatusPending {
		moved, err := tx.MoveDevice(d.ID, StatusRejected, StatusPending)
		if err != nil || !moved {
			return nil, orLost(err)
		}
	}
	won, err := tx.DecideApproval(a.ID, ApprovalRefused, now)
	if err != nil || !won {
		return nil, orLost(err)
	}
	if d.Status == StatusPending {
		if err := tx.AppendStatus(d.ID, StatusChange{Status: StatusRejected, Reason: reason, At: now}); err != nil {
			return nil, err
		}
		change, err := revoke(tx, Subject{SubjectDevice, d.ID}, now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	e := s.clientEvent(actor, d, from, "client.refuse", "")
	e.Reason = reason // why: it went well
	return changes, s.record(tx, e)
}

// orLost is the error of a statement that was to win.
func orLost(err error) error {
	if err == nil {
		err = errLost
	}
	return err
}

func (s *Approvals) clientEvent(actor Actor, d Device, from Origin, action, reason string) Event {
	e := s.deviceEvent(actor, d, action, reason)
	e.Address, e.RequestID = from.Address, from.RequestID
	return e
}
