package storage

import (
	"maps"
	"slices"

	"github.com/doorward/doorward/authcore"
)

func (t *tx) Attributes(of authcore.Subject, dialect string) (authcore.Attributes, error) {
	rows, err := list[struct {
		Name  string `db:"name"`
		Value string `db:"value"`
	}](t, `SELECT name, value FROM attributes WHERE owner_kind = ? AND owner = ? AND dialect = ?`, of.Kind, of.ID, dialect)
	if err != nil {
		return nil, err
	}
	a := authcore.Attributes{}
	for _, r := range rows {
		a[r.Name] = r.Value
	}
	return a, nil
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
