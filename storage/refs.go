package storage

import "github.com/doorward/doorward/authcore"

func (t *tx) ByRef(r authcore.Ref) (string, error) {
	return get[string](t, `SELECT id FROM refs WHERE dialect = ? AND tenant = ? AND kind = ? AND key = ?`, r.Dialect, r.Tenant, r.Kind, r.Key)
}

func (t *tx) PointRef(r authcore.Ref, old, id string) (bool, error) {
	if old == "" {
		return t.won(`INSERT INTO refs (dialect, tenant, kind, key, id) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (dialect, tenant, kind, key) DO NOTHING`, r.Dialect, r.Tenant, r.Kind, r.Key, id)
	}
	return t.won(`UPDATE refs SET id = ? WHERE dialect = ? AND tenant = ? AND kind = ? AND key = ? AND id = ?`,
		id, r.Dialect, r.Tenant, r.Kind, r.Key, old)
}
