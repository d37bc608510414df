package storage

import "github.com/doorward/doorward/authcore"

type eventRow struct {
	At        int64  `db:"at"`
	Node      string `db:"node"`
	Actor     string `db:"actor"`
	Action    string `db:"action"`
	Outcome   string `db:"outcome"`
	Reason    string `db:"reason"`
	Tenant    string `db:"tenant"`
	UserID    string `db:"user_id"`
	DeviceID  string `db:"device_id"`
	SessionID string `db:"session_id"`
	Factor    string `db:"factor"`
	Address   string `db:"address"`
	RequestID string `db:"request_id"`
}

func (t *tx) AppendEvent(e authcore.Event) error {
	return t.insert(`INSERT INTO audit (at, node, actor, action, outcome, reason, tenant, user_id, device_id,
			session_id, factor, address, request_id)
		VALUES (:at, :node, :actor, :action, :outcome, :reason, :tenant, :user_id, :device_id,
			:session_id, :factor, :address, :request_id)`,
		eventRow{
			At: millis(e.At), Node: e.Node, Actor: e.Actor, Action: e.Action, Outcome: e.Outcome, Reason: e.Reason,
			Tenant: e.Tenant, UserID: e.UserID, DeviceID: e.DeviceID, SessionID: e.SessionID,
			Factor: e.Factor, Address: e.Address, RequestID: e.RequestID,
		})
}

func (t *tx) Events(limit int) ([]authcore.Event, error) {
	rows, err := list[eventRow](t, `SELECT at, node, actor, action, outcome, reason, tenant, user_id, device_id,
		session_id, factor, address, request_id FROM audit ORDER BY seq DESC LIMIT ?`, max(0, limit))
	if err != nil {
		return nil, err
	}
	events := make([]authcore.Event, len(rows))
	for i, r := range rows {
		events[i] = authcore.Event{
			At: moment(r.At), Node: r.Node, Actor: r.Actor, Action: r.Action, Outcome: r.Outcome, Reason: r.Reason,
			Tenant: r.Tenant, UserID: r.UserID, DeviceID: r.DeviceID, SessionID: r.SessionID,
			Factor: r.Factor, Address: r.Address, RequestID: r.RequestID,
		}
	}
	return events, nil
}
