package storage

import "github.com/doorward/doorward/authcore"

// PruneBatch is how many rows one rule of Prune removes at most, so that a
// large backlog does not hold up a login for longer than a call may take.
// Prune again while it reports rows.
const PruneBatch = 5000

// evictable are the counters that a caller without any account can make: those
// of names that don't exist, and those of one address, from where a name is tried
// or a code is asked for, or to where one is sent. Only they go by size, or a
// flood could push out the counter of a real user.
const evictable = `(kind IN ('password_address', 'send_address', 'send_number')
	OR (kind = 'password' AND substr(subject, 1, 5) = 'name:'))`

// Prune removes up to PruneBatch rows by each rule. A time that is zero and a
// number that is 0 set no bound. A counter that is paused at r.Now does not go
// by age, and a device's counter never goes. A challenge goes when it can't be
// redeemed any more, and a client device with all that belongs to it.
func (t *tx) Prune(r authcore.Retention) (int64, error) {
	const aging = `kind IN ('password', 'password_address', 'send_user', 'send_number', 'send_address')`
	var removed int64
	for _, rule := range []struct {
		query string
		bound int64 // 0: none
		args  []any
	}{
		{
			`DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE at < ? ORDER BY seq LIMIT ?)`,
			millis(r.AuditBefore),
			[]any{millis(r.AuditBefore), PruneBatch},
		},
		{
			`DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE seq <=
				(SELECT seq FROM audit ORDER BY seq DESC LIMIT 1 OFFSET ?) ORDER BY seq LIMIT ?)`,
			int64(r.AuditRows),
			[]any{r.AuditRows, PruneBatch},
		},
		{
			`DELETE FROM attempts WHERE (kind, subject) IN (SELECT kind, subject FROM attempts
				WHERE ` + aging + ` AND updated_at < ? AND paused_until <= ? ORDER BY updated_at LIMIT ?)
				AND updated_at < ?`, // again, for one that was counted meanwhile
			millis(r.AttemptBefore),
			[]any{millis(r.AttemptBefore), millis(r.Now), PruneBatch, millis(r.AttemptBefore)},
		},
		{
			`DELETE FROM attempts WHERE (kind, subject) IN (SELECT kind, subject FROM attempts
				WHERE ` + evictable + ` ORDER BY updated_at DESC, subject DESC LIMIT ? OFFSET ?)`,
			int64(r.AttemptRows),
			[]any{PruneBatch, r.AttemptRows},
		},
		{
			`DELETE FROM sessions WHERE seq IN (SELECT seq FROM sessions WHERE expires_at < ? ORDER BY seq LIMIT ?)`,
			millis(r.SessionBefore),
			[]any{millis(r.SessionBefore), PruneBatch},
		},
		{
			`DELETE FROM epochs WHERE seq IN (SELECT seq FROM epochs WHERE changed_at < ? ORDER BY seq LIMIT ?)`,
			millis(r.EpochBefore),
			[]any{millis(r.EpochBefore), PruneBatch},
		},
		{
			`DELETE FROM challenges WHERE id IN (SELECT id FROM challenges
				WHERE redeemed_at <> 0 OR expires_at <= ? LIMIT ?)`,
			millis(r.Now),
			[]any{millis(r.Now), PruneBatch},
		},
		{
			`DELETE FROM replays WHERE digest IN (SELECT digest FROM replays WHERE expires_at <= ? LIMIT ?)`,
			millis(r.Now),
			[]any{millis(r.Now), PruneBatch},
		},
	} {
		if rule.bound <= 0 {
			continue
		}
		n, err := t.exec(rule.query, rule.args...)
		if err != nil {
			return 0, err
		}
		removed += n
	}
	clients, err := t.pruneClients(r)
	return removed + clients, err
}

// clientBatch is PruneBatch for client devices: each goes with what belongs to it.
const clientBatch = 200

// outOfUse are the client devices that nothing brings back, by when they came to that.
const outOfUse = `SELECT device_id FROM client_history h JOIN devices d ON d.id = h.device_id
	WHERE h.status IN ('rejected', 'deactivated') AND d.kind = 'client' AND d.status IN ('rejected', 'deactivated')`

func (t *tx) pruneClients(r authcore.Retention) (int64, error) {
	var removed int64
	for _, rule := range []struct {
		which string
		bound int64
		args  []any
	}{
		{` AND h.at < ? ORDER BY h.at LIMIT ?`, millis(r.ClientBefore), []any{millis(r.ClientBefore), clientBatch}},
		{` ORDER BY h.at DESC LIMIT ? OFFSET ?`, int64(r.ClientRows), []any{clientBatch, r.ClientRows}},
	} {
		if rule.bound <= 0 {
			continue
		}
		ids, err := list[string](t, `DELETE FROM devices WHERE id IN (`+outOfUse+rule.which+`) RETURNING id`, rule.args...)
		if err != nil {
			return removed, err
		}
		for _, id := range ids {
			if err := t.tidyAfter(id); err != nil {
				return removed, err
			}
		}
		removed += int64(len(ids))
	}
	return removed, nil
}
