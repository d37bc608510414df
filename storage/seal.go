package storage

import (
	"fmt"

	"github.com/doorward/doorward/authcore"
)

// sealedColumns are all columns that hold sealed values. Their names are part
// of what a seal is bound to: renaming one makes its values unreadable.
var sealedColumns = []struct{ table, column string }{
	{"seal_canary", "canary"},
	{"signing_keys", "private"},
	{"devices", "secret"},
	{"devices", "pin"},
	{"challenges", "code"},
	{"clients", "session"},
	{"approvals", "token"},
	{"approvals", "session"},
	{"integrators", "secret"},
}

func (t *tx) SealedWithout(prefix []byte, limit int) ([]authcore.SealedValue, error) {
	var found []authcore.SealedValue
	for _, c := range sealedColumns {
		query := fmt.Sprintf(`SELECT id, %[2]s AS sealed FROM %[1]s WHERE length(%[2]s) > 0`, c.table, c.column)
		var args []any
		if len(prefix) > 0 {
			query += fmt.Sprintf(` AND substr(%s, 1, ?) <> ?`, c.column)
			args = append(args, len(prefix), prefix)
		}
		rows, err := list[struct {
			ID     string `db:"id"`
			Sealed []byte `db:"sealed"`
		}](t, query+` ORDER BY id LIMIT ?`, append(args, max(0, limit-len(found)))...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found = append(found, authcore.SealedValue{Table: c.table, Column: c.column, Row: r.ID, Sealed: r.Sealed})
		}
	}
	return found, nil
}

func (t *tx) ReplaceSealed(v authcore.SealedValue, sealed []byte) (bool, error) {
	for _, c := range sealedColumns {
		if c.table == v.Table && c.column == v.Column {
			query := fmt.Sprintf(`UPDATE %[1]s SET %[2]s = ? WHERE id = ? AND %[2]s = ?`, c.table, c.column)
			return t.won(query, blob(sealed), v.Row, blob(v.Sealed))
		}
	}
	return false, authcore.Errorf(authcore.CodeInternal, "nothing is sealed in %s.%s", v.Table, v.Column)
}

func (t *tx) Canary() ([]byte, error) {
	return get[[]byte](t, `SELECT canary FROM seal_canary WHERE id = '1'`)
}

func (t *tx) CreateCanary(sealed []byte) error {
	_, err := t.exec(`INSERT INTO seal_canary (id, canary) VALUES ('1', ?)`, blob(sealed))
	return err
}
