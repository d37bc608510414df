package storage

import (
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doorward/doorward/authcore"
)

// FindDevices counts before it lists: both are of one transaction.
func (t *tx) FindDevices(q authcore.DeviceQuery) (devices []authcore.Device, total int64, err error) {
	where, args := ` WHERE tenant = ?`+ended, []any{q.Tenant}
	add := func(condition string, values ...any) { where, args = where+` AND `+condition, append(args, values...) }
	if q.UserID != "" {
		add(`user_id = ?`, q.UserID)
	}
	if q.Address != "" {
		add(`address = ? AND address <> ''`, q.Address) // as the index has it
	}
	if len(q.Kinds) > 0 {
		add(`kind IN (?)`, q.Kinds)
	}
	if len(q.Statuses) > 0 {
		add(`status IN (?)`, q.Statuses)
	}
	if len(q.Numbers) > 0 {
		add(`seq IN (?)`, q.Numbers)
	}
	if q.After > 0 {
		add(`seq > ?`, q.After)
	}
	if q.NewerThan > 0 {
		add(`version > ?`, q.NewerThan)
	}
	counts, err := listSpread[int64](t, `SELECT COUNT(*) FROM devices`+where, args...)
	if err != nil {
		return nil, 0, err
	}
	if total = counts[0]; q.Limit <= 0 {
		return nil, total, nil
	}
	rows, err := listSpread[deviceRow](t, selectDevice+where+` ORDER BY seq LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
	for _, r := range rows {
		devices = append(devices, r.device())
	}
	return devices, total, err
}

// listSpread is listOnce for a text with lists in it, of which no two need be equally long.
func listSpread[T any](t *tx, query string, args ...any) ([]T, error) {
	query, spread, err := sqlx.In(query, args...)
	if err != nil {
		return nil, t.db.failure(err)
	}
	return listOnce[T](t, query, spread...)
}

func (t *tx) DeviceByNumber(tenant string, number int64) (authcore.Device, error) {
	return t.device(selectDevice+` WHERE tenant = ? AND seq = ?`+ended, tenant, number)
}

func (t *tx) DeviceByEnrolment(digest []byte) (authcore.Device, error) {
	return t.device(selectDevice+` WHERE enrolment = ? AND length(enrolment) > 0`+ended, blob(digest))
}

func (t *tx) GiveKey(id string, digest, publicKey []byte, since, now time.Time) (bool, error) {
	return t.won(`UPDATE devices SET public_key = ?, enrolment = ?, status = 'active', version = version + 1, changed_at = ?
		WHERE id = ? AND status = 'pending' AND enrolment = ? AND length(enrolment) > 0 AND created_at > ?`,
		blob(publicKey), []byte{}, millis(now), id, blob(digest), millis(since))
}

func (t *tx) ChangedDevice(id string, now time.Time) error {
	return t.must(`UPDATE devices SET version = version + 1, changed_at = ? WHERE id = ?`, millis(now), id)
}

func (t *tx) SetDeviceAddress(id, address string) error {
	return t.must(`UPDATE devices SET address = ? WHERE id = ?`, address, id)
}

// SetNotified takes the mark from the others first: the index allows one.
func (t *tx) SetNotified(id string, notified bool, now time.Time) error {
	if notified {
		_, err := t.exec(`UPDATE devices SET notified = 0, version = version + 1, changed_at = ? WHERE notified = 1 AND id <> ?
			AND user_id = (SELECT user_id FROM devices WHERE id = ?)`, millis(now), id, id)
		if err != nil {
			return err
		}
	}
	return t.must(`UPDATE devices SET notified = ? WHERE id = ?`, flag(notified), id)
}
