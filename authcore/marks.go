package authcore

// mark makes d the device at which its user is told first, or lets it be any other.
func (s *Devices) mark(tx *journal, actor Actor, d Device, notified bool) error {
	if err := s.mayRedirect(tx, actor); err != nil {
		return err
	}
	if notified {
		if err := d.mayBeNotified(); err != nil {
			return err
		}
	}
	if err := tx.SetNotified(d.ID, notified, s.now()); err != nil {
		return err
	}
	if err := tx.changed(d.ID); err != nil {
		return err
	}
	return s.record(tx, s.deviceEvent(actor, d, deviceNotices, ""))
}

// mayBeNotified says whether d's user may be told there first.
func (d Device) mayBeNotified() error {
	switch {
	case d.UserID == "":
		return Errorf(CodeInvalid, "a device in stock has nobody who could be told there")
	case d.Kind == KindBackup || d.Kind == KindClient:
		return Errorf(CodeInvalid, "nobody is told at a device of the kind %s", d.Kind)
	case d.retired():
		return Errorf(CodeConflict, "device %s is %s: nobody is told there", d.Serial, d.Status).because(ReasonInactive)
	}
	return nil
}

// nameBy makes the address of d a name that its user logs in with, or takes it away. It is
// vouched for by who administers: a user would take a name that another may need.
func (s *Devices) nameBy(tx *journal, actor Actor, d Device, logsIn bool) error {
	if err := actor.administers(); err != nil {
		return err
	}
	if logsIn {
		if err := d.mayLogIn(); err != nil {
			return err
		}
	}
	return nameTaken(d, tx.SetLogsIn(d.ID, logsIn))
}

// mayLogIn says whether d's address can be a name. One that is not proven yet is none.
func (d Device) mayLogIn() error {
	switch {
	case d.Kind != KindPhone && d.Kind != KindEmail:
		return Errorf(CodeInvalid, "nobody logs in with the address of a device of the kind %s: phone and email can be names", d.Kind)
	case d.Status != StatusActive && d.Status != StatusBlocked:
		return Errorf(CodeConflict, "device %s is %s: nobody logs in with its address", d.Serial, d.Status).because(ReasonInactive)
	}
	return nil
}

// nameTaken says whose name an address is when it could not become d's user's.
func nameTaken(d Device, err error) error {
	if CodeOf(err) == CodeConflict {
		return Errorf(CodeConflict, "another user logs in with the address of device %s", d.Serial).because(ReasonUserTaken)
	}
	return err
}

// markNew gives d, which e made, the marks that e wants. Whose it is must be held.
func (s *Devices) markNew(tx *journal, e Enrolment, d Device) error {
	if e.Notified {
		if err := d.mayBeNotified(); err != nil {
			return err
		}
		if err := tx.SetNotified(d.ID, true, s.now()); err != nil {
			return err
		}
	}
	if !e.LogsIn {
		return nil
	}
	if err := d.mayLogIn(); err != nil {
		return err
	}
	return nameTaken(d, tx.SetLogsIn(d.ID, true))
}
