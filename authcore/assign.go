package authcore

import (
	"context"
	"slices"
)

// Assign gives a device that makes codes by itself to a user, as the last of his,
// without the name that another gave it. CodeConflict for a client device; with
// ReasonAssigned when it is another's, unless force: then it is taken from him, and the
// sessions that its codes opened end; with ReasonInactive when it does not count and never
// will, or is being enrolled; without a reason when he has too many. A device that is his
// already stays where it is in his order.
func (s *Devices) Assign(ctx context.Context, actor Actor, ref, user string, force bool) (Device, error) {
	return s.pass(ctx, actor, func(tx *journal) (d Device, changes []EpochChange, err error) {
		u, err := findUser(tx, actor, user)
		if err != nil {
			return d, nil, err
		}
		if d, err = hold(tx, actor, ref, u.ID); err != nil {
			return d, nil, err
		}
		switch err := d.changesHands("assigned"); {
		case err != nil:
			return d, nil, err
		case u.Tenant != d.Tenant:
			return d, nil, Errorf(CodeInvalid, "device %s is of the tenant %q, and the user of %q", d.Serial, d.Tenant, u.Tenant)
		case d.UserID == u.ID:
			return d, nil, nil
		case d.UserID != "" && !force:
			return d, nil, assigned(d)
		}
		devices, err := tx.Devices(u.Tenant, u.ID)
		if err != nil {
			return d, nil, err
		}
		if err = roomFor(devices); err != nil {
			return d, nil, err
		}
		return s.handOver(tx, actor, d, u.ID)
	})
}

// Unassign puts a device that makes codes by itself back in stock, and ends the
// sessions that its codes opened. CodeConflict when it is in stock or a client device,
// and, with ReasonInactive, when it does not count and never will, or is being enrolled.
func (s *Devices) Unassign(ctx context.Context, actor Actor, ref string) (Device, error) {
	return s.pass(ctx, actor, func(tx *journal) (Device, []EpochChange, error) {
		d, err := hold(tx, actor, ref)
		if err != nil {
			return d, nil, err
		}
		if err = d.changesHands("unassigned"); err != nil {
			return d, nil, err
		}
		if d.UserID == "" {
			return d, nil, Errorf(CodeConflict, "device %s is assigned to nobody", d.Serial)
		}
		return s.handOver(tx, actor, d, "")
	})
}

// Remove removes a device with all that is known of it, and ends the sessions that
// its codes opened. Its serial is free again.
func (s *Devices) Remove(ctx context.Context, actor Actor, ref string) (Device, error) {
	return s.pass(ctx, actor, func(tx *journal) (Device, []EpochChange, error) {
		d, err := hold(tx, actor, ref)
		if err != nil {
			return d, nil, err
		}
		change, err := revoke(tx, Subject{SubjectDevice, d.ID}, s.now())
		if err != nil {
			return d, nil, err
		}
		d.Epoch = change.Epoch
		if err = tx.RemoveDevice(d.ID); err != nil {
			return d, nil, err
		}
		return d, []EpochChange{change}, s.record(tx, s.deviceEvent(actor, d, "device.remove", ""))
	})
}

// pass is the one way a device changes hands: in one transaction, which this node
// obeys at once.
func (s *Devices) pass(ctx context.Context, actor Actor, fn func(*journal) (Device, []EpochChange, error)) (d Device, err error) {
	if err := actor.administers(); err != nil {
		return Device{}, err
	}
	var changes []EpochChange
	err = s.write(ctx, func(tx *journal) (err error) { d, changes, err = fn(tx); return err })
	if err != nil {
		return Device{}, err
	}
	s.live.obey(s.now(), changes...)
	return d, nil
}

// hold finds a device that actor may see, and keeps it, its owner and other users
// from being changed until the transaction ends: users before devices, and by ID, or
// two who hold some of them would wait for each other.
func hold(tx Tx, actor Actor, ref string, users ...string) (Device, error) {
	seen, err := findDevice(tx, actor, ref)
	if err != nil {
		return Device{}, err
	}
	users = append(users, seen.UserID)
	slices.Sort(users)
	for _, id := range slices.Compact(users) {
		if id == "" { // in stock it is nobody's
			continue
		}
		if err := lockUser(tx, id); err != nil {
			return Device{}, err
		}
	}
	// Whoever had the user may have moved it: it is held as it is now.
	d, err := findDevice(tx, actor, seen.ID)
	if err != nil {
		return Device{}, err
	}
	held, err := tx.MoveDevice(seen.ID, d.Status, d.Status)
	if err != nil {
		return Device{}, err
	}
	d, err = findDevice(tx, actor, seen.ID)
	switch {
	case err != nil:
		return Device{}, err
	case d.UserID != seen.UserID:
		return Device{}, assigned(d)
	case !held:
		return Device{}, Errorf(CodeConflict, "device %s was changed meanwhile: try again", d.Serial)
	}
	return d, nil
}

// handOver gives d of its owner to another user, or to nobody.
func (c *Core) handOver(tx *journal, actor Actor, d Device, to string) (Device, []EpochChange, error) {
	given, err := tx.AssignDevice(d.ID, d.UserID, to)
	if err != nil {
		return d, nil, err
	}
	if !given {
		return d, nil, assigned(d)
	}
	var changes []EpochChange
	if d.UserID != "" {
		change, err := revoke(tx, Subject{SubjectDevice, d.ID}, c.now())
		if err != nil {
			return d, nil, err
		}
		if err := c.record(tx, c.deviceEvent(actor, d, "device.unassign", "")); err != nil {
			return d, nil, err
		}
		d.Epoch, changes = change.Epoch, append(changes, change)
	}
	d.UserID, d.Name = to, ""
	if to == "" {
		return d, changes, nil
	}
	return d, changes, c.record(tx, c.deviceEvent(actor, d, "device.assign", ""))
}

// changesHands says whether d may be given to another: it is a thing, and not an
// address of somebody's, and he is not just enrolling it with a key that he knows. done
// is what would be done to it.
func (d Device) changesHands(done string) error {
	switch {
	case d.Kind == KindClient: // or who it is given to would have let in what he never saw
		return Errorf(CodeConflict, "device %s is an app or a browser that one person let in for himself: it can't be %s; another one is asked for, and approved, anew", d.Serial, done)
	case !d.Kind.MakesCodes():
		return Errorf(CodeInvalid, "device %s is of the kind %s: only totp and hotp are assigned", d.Serial, d.Kind)
	case d.Status == StatusActive, d.Status == StatusBlocked, d.Status == StatusPending && d.Awaits != AwaitsCode:
		return nil
	}
	return Errorf(CodeConflict, "device %s is %s: it can't be %s", d.Serial, d.Status, done).because(ReasonInactive)
}

func assigned(d Device) error {
	return Errorf(CodeConflict, "device %s is assigned to another user: unassign it first", d.Serial).because(ReasonAssigned)
}
