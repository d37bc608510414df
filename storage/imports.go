package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

type importRow struct {
	ID        string `db:"id"`
	Tenant    string `db:"tenant"`
	TouchedAt int64  `db:"touched_at"`
}

func (t *tx) CreateImport(i authcore.Import) error {
	return t.insert(`INSERT INTO imports (id, tenant, touched_at) VALUES (:id, :tenant, :touched_at)`,
		importRow{i.ID, i.Tenant, millis(i.TouchedAt)})
}

func (t *tx) TouchImport(id string, now time.Time) error {
	return t.must(`UPDATE imports SET touched_at = ? WHERE id = ?`, millis(now), id)
}

// StageDevices inserts a row at a time: not yet the way it shall be.
func (t *tx) StageDevices(importID string, devices []authcore.Device) (stored []string, err error) {
	for _, d := range devices {
		ok, err := t.won(`INSERT INTO devices (id, tenant, serial, name, kind, status, secret, pin, awaits, address, algorithm, digits, period,
				look_ahead, last_counter, drift, epoch, created_at, last_used_at, assigned, import_id)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)
			ON CONFLICT (tenant, serial) DO NOTHING`,
			d.ID, d.Tenant, d.Serial, d.Name, d.Kind, d.Status, blob(d.Sealed), blob(d.PIN), d.Awaits, d.Algorithm, d.Digits, d.Period,
			d.LookAhead, d.LastCounter, d.Drift, d.Epoch, millis(d.CreatedAt), importID)
		if err != nil {
			return nil, err
		}
		if ok {
			stored = append(stored, d.ID)
		}
	}
	return stored, nil
}

func (t *tx) StagedBy(tenant, serial string) (string, error) {
	return get[string](t, `SELECT COALESCE(i.id, '') FROM devices d LEFT JOIN imports i ON i.id = d.import_id
		WHERE d.tenant = ? AND d.serial = ?`, tenant, serial)
}

// EndImport is one row, however many devices there are: none becomes visible
// before the others.
func (t *tx) EndImport(id string) (bool, error) {
	return t.won(`DELETE FROM imports WHERE id = ?`, id)
}

func (t *tx) DropStaged(importID string, limit int) (int64, error) {
	return t.exec(`DELETE FROM devices WHERE id IN (SELECT d.id FROM devices d JOIN imports i ON i.id = d.import_id
		WHERE d.import_id = ? LIMIT ?)`, importID, limit)
}

func (t *tx) Imports(before time.Time) ([]authcore.Import, error) {
	rows, err := list[importRow](t, `SELECT id, tenant, touched_at FROM imports WHERE touched_at < ? ORDER BY touched_at`, millis(before))
	if err != nil {
		return nil, err
	}
	imports := make([]authcore.Import, len(rows))
	for i, r := range rows {
		imports[i] = authcore.Import{ID: r.ID, Tenant: r.Tenant, TouchedAt: moment(r.TouchedAt)}
	}
	return imports, nil
}
