package authcore

import "context"

// Attributes gives what a dialect remembers of a device, to its owner too.
func (s *Devices) Attributes(ctx context.Context, actor Actor, ref, dialect string) (a Attributes, err error) {
	if err := actor.remembersOwn(dialect); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		d, err := findDevice(tx, actor, ref)
		if err == nil {
			a, err = tx.Attributes(Subject{SubjectDevice, d.ID}, dialect)
		}
		return err
	})
	delete(a, elsewhere)
	return a, err
}

// Claim writes an attribute that a device has once, and says whether it has this
// value now: false when another came first. CodeConflict unless the dialect
// registered the device: of others it remembers nothing, and so shows no key.
func (s *Devices) Claim(ctx context.Context, actor Actor, ref, dialect, name, value string) (claimed bool, err error) {
	if err := actor.remembers(dialect); err != nil {
		return false, err
	}
	err = s.write(ctx, func(tx *journal) error {
		d, err := findDevice(tx, actor, ref)
		if err != nil {
			return err
		}
		known, err := registeredBy(tx, dialect, d)
		if err != nil {
			return err
		}
		if !known {
			return Errorf(CodeConflict, "device %s was registered elsewhere", d.Serial)
		}
		if claimed, err = tx.ClaimAttribute(Subject{SubjectDevice, d.ID}, dialect, name, value); err != nil {
			return err
		}
		reason := ""
		if !claimed {
			reason = "claimed"
		}
		return s.record(tx, s.deviceEvent(actor, d, "device.claim", reason))
	})
	return claimed && err == nil, err
}

// Attributes gives what a dialect remembers of a user.
func (s *Users) Attributes(ctx context.Context, actor Actor, ref, dialect string) (a Attributes, err error) {
	if err := actor.remembers(dialect); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		u, err := findUser(tx, actor, ref)
		if err == nil {
			a, err = tx.Attributes(Subject{SubjectUser, u.ID}, dialect)
		}
		return err
	})
	return a, err
}

// elsewhere is an attribute that no dialect sees: it described a device that it did not
// register.
const elsewhere = "registered elsewhere"

// registeredBy says whether a dialect registered d: whatever else makes it remember
// something of a device says so.
func registeredBy(tx Tx, dialect string, d Device) (bool, error) {
	a, err := tx.Attributes(Subject{SubjectDevice, d.ID}, dialect)
	return dialect != "" && len(a) > 0 && a[elsewhere] == "", err
}

// remembers says whether a may read and write what a dialect remembers: an integrator
// that of his own.
func (a Actor) remembers(dialect string) error {
	if err := a.administers(); err != nil {
		return err
	}
	if a.kind == actorIntegrator && a.dialect != dialect {
		return Errorf(CodeForbidden, "an integrator of %s sees nothing of %s", a.dialect, dialect)
	}
	return nil
}

// remembersOwn is remembers for what is of a device, which is held against the actor by
// itself: its owner sees what is his. He names no dialect: the one that he asks through does.
func (a Actor) remembersOwn(dialect string) error {
	if a.isUser() == nil {
		return nil
	}
	return a.remembers(dialect)
}

// describes says whether a may write what a dialect remembers; nothing he may always.
func (a Actor) describes(dialect string, attributes Attributes) error {
	if len(attributes) == 0 {
		return nil
	}
	return a.remembers(dialect)
}

// describesOwn is describes for what is of a device.
func (a Actor) describesOwn(dialect string, attributes Attributes) error {
	if len(attributes) == 0 {
		return nil
	}
	if _, reserved := attributes[elsewhere]; reserved || dialect == "" {
		return Errorf(CodeInvalid, "an attribute is a dialect's, and has a name of its own")
	}
	return a.remembersOwn(dialect)
}
