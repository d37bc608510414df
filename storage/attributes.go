package storage

import (
	"maps"
	"slices"

	"github.com/jmoiron/sqlx"

	"github.com/doorward/doorward/authcore"
)

// manyIDs is for how many owners one statement asks.
const manyIDs = 200

func (t *tx) Attributes(of authcore.Subject, dialect string) (authcore.Attributes, error) {
	a, err := t.AttributesOf(of.Kind, []string{of.ID}, dialect)
	return a[of.ID], err
}

func (t *tx) AttributesOf(kind authcore.SubjectKind, ids []string, dialect string) (map[string]authcore.Attributes, error) {
	all := map[string]authcore.Attributes{}
	for batch := range slices.Chunk(ids, manyIDs) {
		query, args, err := sqlx.In(`SELECT owner, name, value FROM attributes
			WHERE owner_kind = ? AND owner IN (?) AND dialect = ?`, kind, batch, dialect)
		if err != nil {
			return nil, t.db.failure(err)
		}
		rows, err := listOnce[struct {
			Owner string `db:"owner"`
			Name  string `db:"name"`
			Value string `db:"value"`
		}](t, query, args...)
		if err != nil {
			return nil, err
		}
		for _, id := range batch {
			all[id] = authcore.Attributes{}
		}
		for _, r := range rows {
			all[r.Owner][r.Name] = r.Value
		}
	}
	return all, nil
}

func (t *tx) SetAttributes(of authcore.Subject, dialect string, a authcore.Attributes) error {
	// In one order: or two who write the same ones would each wait for the other.
	for _, name := range slices.Sorted(maps.Keys(a)) {
		_, err := t.exec(`INSERT INTO attributes (owner_kind, owner, dialect, name, value) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (owner_kind, owner, dialect, name) DO UPDATE SET value = excluded.value`, of.Kind, of.ID, dialect, name, a[name])
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) ClaimAttribute(of authcore.Subject, dialect, name, value string) (bool, error) {
	// The row is written either way, so that RETURNING tells what it holds.
	now, err := get[string](t, `INSERT INTO attributes (owner_kind, owner, dialect, name, value) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (owner_kind, owner, dialect, name) DO UPDATE SET value = attributes.value RETURNING value`,
		of.Kind, of.ID, dialect, name, value)
	return err == nil && now == value, err
}
