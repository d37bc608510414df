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

func (r importRow) imported() authcore.Import {
	return authcore.Import{ID: r.ID, Tenant: r.Tenant, TouchedAt: moment(r.TouchedAt)}
}

func (t *tx) Import(id string) (authcore.Import, error) {
	r, err := get[importRow](t, `SELECT id, tenant, touched_at FROM imports WHERE id = ?`, id)
	if err != nil {
		return authcore.Import{}, err
	}
	return r.imported(), nil
}

// TouchImport locks the row that an end deletes: what is staged beside an end is
// either before it or not at all.
func (t *tx) TouchImport(id string, now time.Time) error {
	return t.must(`UPDATE imports SET touched_at = ? WHERE id = ? AND touched_at <> 0`, millis(now), id)
}

func (t *tx) CountStaged(importID string) (int64, error) {
	return get[int64](t, `SELECT COUNT(*) FROM devices WHERE import_id = ? AND import_id <> ''`, importID)
}

// EndImport is one row, however many devices there are: none becomes visible
// before the others.
func (t *tx) EndImport(id string) (bool, error) {
	return t.won(`DELETE FROM imports WHERE id = ? AND touched_at <> 0`, id)
}

// DropStaged marks the row of the import first, and so locks it: an end that comes
// at once would show what is left after a part was removed.
func (t *tx) DropStaged(importID string, limit int) (int64, error) {
	held, err := t.won(`UPDATE imports SET touched_at = 0 WHERE id = ?`, importID)
	if err != nil || !held {
		return 0, err
	}
	// The second condition is that of the index, which SQLite does not use for a
	// placeholder without it.
	n, err := t.exec(`DELETE FROM devices WHERE seq IN (SELECT seq FROM devices
		WHERE import_id = ? AND import_id <> '' LIMIT ?)`, importID, limit)
	if err != nil || n >= int64(limit) {
		return n, err
	}
	return n, t.must(`DELETE FROM imports WHERE id = ?`, importID)
}

func (t *tx) Imports(before time.Time) ([]authcore.Import, error) {
	rows, err := list[importRow](t, `SELECT id, tenant, touched_at FROM imports WHERE touched_at < ? ORDER BY touched_at`, millis(before))
	if err != nil {
		return nil, err
	}
	imports := make([]authcore.Import, len(rows))
	for i, r := range rows {
		imports[i] = r.imported()
	}
	return imports, nil
}
