package authcore

import "context"

// journal is a transaction that remembers what it told the audit trail, so that
// the log, and messages to users, speak only of what was committed.
type journal struct {
	Tx
	events []Event
	// welcome is the kind of address at which the user is told of it; empty: as of any
	// change.
	welcome DeviceKind
}

// write is Store.Write for whatever is audited. It does not wait for the messages
// about it.
func (c *Core) write(ctx context.Context, fn func(*journal) error) error {
	var j *journal
	err := c.store.Write(ctx, func(tx Tx) error {
		j = &journal{Tx: tx}
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
