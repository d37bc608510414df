package authcore

import (
	"context"
	"slices"
	"time"
)

// journal is a transaction that remembers what it told the audit trail, so that
// the log, and messages to users, speak only of what was committed.
type journal struct {
	Tx
	events []Event
	// welcome is the kind of address at which the user is told of it; empty: as of any
	// change.
	welcome DeviceKind
	now     time.Time
	// shown are the devices whose version says already that they are new or changed: a
	// transaction is one change.
	shown map[string]bool
}

// changed notes that what is shown of a device is another. Whoever changes that through
// a journal calls one of the methods below, or this.
func (j *journal) changed(id string) error {
	if j.shown[id] {
		return nil
	}
	j.shown[id] = true
	return j.ChangedDevice(id, j.now)
}

func (j *journal) CreateDevice(d Device) error {
	j.shown[d.ID] = true
	return j.Tx.CreateDevice(d)
}

// MoveDevice is no change when the device may have been "to" before: that is how one is held.
func (j *journal) MoveDevice(id string, to DeviceStatus, from ...DeviceStatus) (bool, error) {
	moved, err := j.Tx.MoveDevice(id, to, from...)
	if err != nil || !moved || slices.Contains(from, to) {
		return moved, err
	}
	return true, j.changed(id)
}

func (j *journal) RenameDevice(id, name string) error {
	if err := j.Tx.RenameDevice(id, name); err != nil {
		return err
	}
	return j.changed(id)
}

func (j *journal) AssignDevice(id, from, to string) (bool, error) {
	given, err := j.Tx.AssignDevice(id, from, to)
	if err != nil || !given {
		return given, err
	}
	return true, j.changed(id)
}

// write is Store.Write for whatever is audited. It does not wait for the messages
// about it.
func (c *Core) write(ctx context.Context, fn func(*journal) error) error {
	var j *journal
	err := c.store.Write(ctx, func(tx Tx) error {
		j = &journal{Tx: tx, now: c.now(), shown: map[string]bool{}}
		return fn(j)
	})
	if err != nil {
		return err
	}
	for _, e := range j.events {
		c.log.Info("audit", "action", e.Action, "outcome", e.Outcome, "reason", e.Reason, "actor", e.Actor,
			"user_id", e.UserID, "device_id", e.DeviceID, "session_id", e.SessionID, "factor", e.Factor,
			"address", e.Address, "request_id", e.RequestID)
	}
	c.tell(j.events, j.welcome)
	return nil
}

// record writes an audit row in the transaction of what it tells about. It
// never holds a secret.
func (c *Core) record(j *journal, e Event) error {
	e.At, e.Node = c.now(), c.node
	if e.Tenant == "" {
		e.Tenant = DefaultTenant
	}
	j.events = append(j.events, e)
	return j.AppendEvent(e)
}
