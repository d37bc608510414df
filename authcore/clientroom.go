package authcore

// roomForClient says whether u may have another client device, on an account or a browser of
// his own. Each has room of its own: who asks for devices on an account shuts out no browser.
// What waited there until its time was over is rejected, or it would keep its place for good.
func (s *Approvals) roomForClient(tx *journal, u User, onAccount bool) error {
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return err
	}
	n, what := 0, "browsers"
	if onAccount {
		what = "devices on accounts"
	}
	for _, d := range devices {
		if d.Kind != KindClient || d.Status != StatusPending && d.Status != StatusActive && d.Status != StatusBlocked {
			continue
		}
		c, err := tx.Client(d.ID)
		if err != nil {
			return err
		}
		if (c.Account != "") != onAccount {
			continue
		}
		lapsed, err := s.rejectLapsed(tx, d)
		if err != nil {
			return err
		}
		if !lapsed {
			n++
		}
	}
	if n >= MaxClients {
		return Errorf(CodeConflict, "there are %d %s already, the most that one user may have let in or asked for: take one away first", n, what)
	}
	return nil
}

// rejectLapsed rejects a pending device about which nobody has decided in time, and reports
// whether it did. Its app asks anew as for a new one.
func (s *Approvals) rejectLapsed(tx *journal, d Device) (bool, error) {
	if d.Status != StatusPending {
		return false, nil
	}
	a, err := tx.Approval(d.ID)
	if err != nil && CodeOf(err) != CodeNotFound {
		return false, err
	}
	now := s.now()
	if a.waits(now) {
		return false, nil
	}
	moved, err := tx.MoveDevice(d.ID, StatusRejected, StatusPending)
	if err != nil || !moved {
		return false, err
	}
	return true, tx.AppendStatus(d.ID, StatusChange{Status: StatusRejected, Reason: RefusedLapsed, At: now})
}
