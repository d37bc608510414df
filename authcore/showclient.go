package authcore

// assemble reads all that is shown of a client device.
func (s *Approvals) assemble(tx Tx, d Device) (c ClientDevice, err error) {
	c.Device = d
	if c.Client, err = tx.Client(d.ID); err != nil {
		return c, err
	}
	c.Approval, err = tx.Approval(d.ID)
	if err != nil && CodeOf(err) != CodeNotFound {
		return c, err
	}
	if c.History, err = tx.History(d.ID); err != nil {
		return c, err
	}
	if c.Account != "" {
		who, err := tx.ApproverByUser(c.Account, d.UserID)
		if err != nil && CodeOf(err) != CodeNotFound {
			return c, err
		}
		c.Document = who.Document
	}
	c.Session = s.sessionOf(c)
	c.Approval.Token = nil // it is nobody's who looks
	return c, nil
}

// sessionOf is what c's app calls its session: that of the request while one waits, or of
// the only one that there was.
func (s *Approvals) sessionOf(c ClientDevice) string {
	table, row, sealed := "clients", c.ID, c.Client.Session
	if c.Approval.State == ApprovalPending || len(sealed) == 0 {
		table, row, sealed = "approvals", c.Approval.ID, c.Approval.Session
	}
	if len(sealed) == 0 {
		return ""
	}
	session, err := s.ring.Open(table, "session", row, sealed)
	if err != nil {
		s.log.Error("the session of a client device can't be read", "device_id", c.ID, "error", err)
	}
	return string(session)
}
