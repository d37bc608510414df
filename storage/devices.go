package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
	"github.com/jmoiron/sqlx"
)

type deviceRow struct {
	ID          string `db:"id"`
	Tenant      string `db:"tenant"`
	UserID      string `db:"user_id"` // NULL in the table when empty: a reference
	Serial      string `db:"serial"`
	Name        string `db:"name"`
	Kind        string `db:"kind"`
	Status      string `db:"status"`
	Secret      []byte `db:"secret"`
	PIN         []byte `db:"pin"`
	Awaits      string `db:"awaits"`
	Address     string `db:"address"`
	Algorithm   string `db:"algorithm"`
	Digits      int    `db:"digits"`
	Period      int    `db:"period"`
	LookAhead   int    `db:"look_ahead"`
	LastCounter int64  `db:"last_counter"`
	Drift       int    `db:"drift"`
	Epoch       int64  `db:"epoch"`
	CreatedAt   int64  `db:"created_at"`
	LastUsedAt  int64  `db:"last_used_at"`
	ExpiresAt   int64  `db:"expires_at"`
	Number      int64  `db:"seq"`
	PublicKey   []byte `db:"public_key"`
	Enrolment   []byte `db:"enrolment"`
	Version     int64  `db:"version"`
	ChangedAt   int64  `db:"changed_at"`
	Notified    int    `db:"notified"`
	LogsIn      int    `db:"logs_in"`
}

const deviceColumns = `id, tenant, COALESCE(user_id, '') AS user_id, serial, name, kind, status, secret, pin, awaits, address,
	algorithm, digits, period, look_ahead, last_counter, drift, epoch, created_at, last_used_at, expires_at,
	seq, public_key, enrolment, version, changed_at, notified, logs_in`

const selectDevice = `SELECT ` + deviceColumns + ` FROM devices`

// ended leaves out what an import brings that has not ended.
const ended = ` AND NOT EXISTS (SELECT 1 FROM imports WHERE imports.id = devices.import_id)`

func (r deviceRow) device() authcore.Device {
	return authcore.Device{
		ID: r.ID, Tenant: r.Tenant, UserID: r.UserID, Serial: r.Serial, Name: r.Name,
		Kind: authcore.DeviceKind(r.Kind), Status: authcore.DeviceStatus(r.Status),
		Sealed: r.Secret, PIN: r.PIN, Awaits: authcore.Awaits(r.Awaits), Address: r.Address, Algorithm: oath.Algorithm(r.Algorithm), Digits: r.Digits,
		Period: r.Period, LookAhead: r.LookAhead, LastCounter: r.LastCounter, Drift: r.Drift,
		Epoch: r.Epoch, CreatedAt: moment(r.CreatedAt), LastUsedAt: moment(r.LastUsedAt), ExpiresAt: moment(r.ExpiresAt),
		Number: r.Number, AppKey: r.PublicKey, Enrolment: r.Enrolment, Version: r.Version, ChangedAt: moment(r.ChangedAt),
		Notified: r.Notified != 0, LogsIn: r.LogsIn != 0,
	}
}

func (t *tx) device(query string, args ...any) (authcore.Device, error) {
	r, err := get[deviceRow](t, query, args...)
	if err != nil {
		return authcore.Device{}, err
	}
	return r.device(), nil
}

func (t *tx) DeviceByID(id string) (authcore.Device, error) {
	return t.device(selectDevice+` WHERE id = ?`+ended, id)
}

func (t *tx) DeviceBySerial(tenant, serial string) (authcore.Device, error) {
	return t.device(selectDevice+` WHERE tenant = ? AND serial = ?`+ended, tenant, serial)
}

func (t *tx) Devices(tenant, userID string) ([]authcore.Device, error) {
	query, args, order := selectDevice+` WHERE 1 = 1`+ended, []any{}, ` ORDER BY seq`
	if tenant != "" {
		query, args = query+` AND tenant = ?`, append(args, tenant)
	}
	if userID != "" {
		query, args, order = query+` AND user_id = ?`, append(args, userID), ` ORDER BY assigned, seq`
	}
	rows, err := list[deviceRow](t, query+order, args...)
	if err != nil {
		return nil, err
	}
	devices := make([]authcore.Device, len(rows))
	for i, r := range rows {
		devices[i] = r.device()
	}
	return devices, nil
}

func (t *tx) CreateDevice(d authcore.Device) error {
	return t.insert(`INSERT INTO devices (id, tenant, user_id, serial, name, kind, status, secret, pin, awaits, address, algorithm, digits, period,
			look_ahead, last_counter, drift, epoch, created_at, last_used_at, expires_at, public_key, enrolment, assigned)
		VALUES (:id, :tenant, NULLIF(:user_id, ''), :serial, :name, :kind, :status, :secret, :pin, :awaits, :address, :algorithm, :digits, :period,
			:look_ahead, :last_counter, :drift, :epoch, :created_at, :last_used_at, :expires_at, :public_key, :enrolment,
			(SELECT COALESCE(MAX(assigned), 0) + 1 FROM devices WHERE user_id = NULLIF(:user_id, '')))`,
		deviceRow{
			ID: d.ID, Tenant: d.Tenant, UserID: d.UserID, Serial: d.Serial, Name: d.Name, Kind: string(d.Kind), Status: string(d.Status),
			Secret: blob(d.Sealed), PIN: blob(d.PIN), Awaits: string(d.Awaits), Address: d.Address, Algorithm: string(d.Algorithm), Digits: d.Digits,
			Period: d.Period, LookAhead: d.LookAhead, LastCounter: d.LastCounter, Drift: d.Drift,
			Epoch: d.Epoch, CreatedAt: millis(d.CreatedAt), LastUsedAt: millis(d.LastUsedAt), ExpiresAt: millis(d.ExpiresAt),
			PublicKey: blob(d.AppKey), Enrolment: blob(d.Enrolment),
		})
}

// RemovePending removes first and tidies up after it: a device that is activated
// meanwhile stays, and so do its tries.
func (t *tx) RemovePending(userID string) (int64, error) {
	ids, err := list[string](t, `DELETE FROM devices WHERE user_id = ? AND status = 'pending' AND awaits = '' RETURNING id`, userID)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := t.tidyAfter(id); err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), nil
}

// tidyAfter removes what the schema can't cascade: rows that name a device by kind.
func (t *tx) tidyAfter(id string) error {
	for _, query := range []string{
		`DELETE FROM attempts WHERE kind = 'device' AND subject = ?`,
		`DELETE FROM refs WHERE kind = 'device' AND id = ?`,
		`DELETE FROM attributes WHERE owner_kind = 'device' AND owner = ?`,
	} {
		if _, err := t.exec(query, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) MoveDevice(id string, to authcore.DeviceStatus, from ...authcore.DeviceStatus) (bool, error) {
	if len(from) == 0 {
		return false, nil
	}
	if retired := to == authcore.StatusDeactivated || to == authcore.StatusRejected; retired {
		return t.retireDevice(id, to, from)
	}
	query, args, err := sqlx.In(`UPDATE devices SET status = ? WHERE id = ? AND status IN (?)`, to, id, from)
	if err != nil {
		return false, t.db.failure(err)
	}
	return t.won(query, args...)
}

// retireDevice takes with the status what only a device has that may yet count.
func (t *tx) retireDevice(id string, to authcore.DeviceStatus, from []authcore.DeviceStatus) (bool, error) {
	query, args, err := sqlx.In(`UPDATE devices SET status = ?, notified = 0, logs_in = 0 WHERE id = ? AND status IN (?)`, to, id, from)
	if err != nil {
		return false, t.db.failure(err)
	}
	moved, err := t.won(query, args...)
	if err != nil || !moved {
		return false, err
	}
	return true, t.nameByDevices(`(SELECT user_id FROM devices WHERE id = ?)`, id)
}

func (t *tx) RenameDevice(id, name string) error {
	return t.must(`UPDATE devices SET name = ? WHERE id = ?`, name, id)
}

func (t *tx) ConsumeCounter(id string, counter int64, drift int, at time.Time) (bool, error) {
	return t.won(`UPDATE devices SET last_counter = ?, drift = ?, last_used_at = ?
		WHERE id = ? AND status = 'active' AND last_counter < ?`, counter, drift, millis(at), id, counter)
}

// blob keeps an absent value from becoming NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
