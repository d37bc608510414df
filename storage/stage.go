package storage

import (
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/doorward/doorward/authcore"
)

// stageMost is how many devices one statement stages: the placeholders of that many
// are few enough for both databases.
const stageMost = 200

func (t *tx) StageDevices(importID string, devices []authcore.Device) (stored []string, err error) {
	// In one order everywhere: or two imports that bring the same serials would
	// each wait for the other.
	sorted := slices.SortedFunc(slices.Values(devices), func(a, b authcore.Device) int {
		return strings.Compare(a.Serial, b.Serial)
	})
	for batch := range slices.Chunk(sorted, stageMost) {
		ids, err := t.stage(importID, batch)
		if err != nil {
			return nil, err
		}
		stored = append(stored, ids...)
	}
	return stored, nil
}

// stage is one statement. Its text is of its own for each number of rows, so it is
// not kept.
func (t *tx) stage(importID string, devices []authcore.Device) ([]string, error) {
	const row = `, (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`
	args := make([]any, 0, strings.Count(row, "?")*len(devices))
	for _, d := range devices {
		args = append(args, d.ID, d.Tenant, d.Serial, d.Name, d.Kind, d.Status, blob(d.Sealed), blob(d.PIN), d.Awaits, d.Address,
			d.Algorithm, d.Digits, d.Period, d.LookAhead, d.LastCounter, d.Drift, d.Epoch, millis(d.CreatedAt), millis(d.LastUsedAt), millis(d.ExpiresAt), importID)
	}
	return listOnce[string](t, `INSERT INTO devices (id, tenant, serial, name, kind, status, secret, pin, awaits, address,
			algorithm, digits, period, look_ahead, last_counter, drift, epoch, created_at, last_used_at, expires_at, assigned, import_id)
		VALUES `+strings.Repeat(row, len(devices))[2:]+` ON CONFLICT (tenant, serial) DO NOTHING RETURNING id`, args...)
}

func (t *tx) BySerials(tenant string, serials []string) (holders []authcore.SerialHolder, err error) {
	for batch := range slices.Chunk(serials, stageMost) {
		query, args, err := sqlx.In(`SELECT staged, `+deviceColumns+` FROM devices
			LEFT JOIN (SELECT id AS staged FROM imports) AS running ON staged = import_id
			WHERE tenant = ? AND serial IN (?)`, tenant, batch)
		if err != nil {
			return nil, t.db.failure(err)
		}
		rows, err := listOnce[struct {
			deviceRow
			Staged *string `db:"staged"`
		}](t, query, args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			h := authcore.SerialHolder{Device: r.device()}
			if r.Staged != nil {
				h.ImportID = *r.Staged
			}
			holders = append(holders, h)
		}
	}
	return holders, nil
}
