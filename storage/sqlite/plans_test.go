package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/sqlite"
	"github.com/doorward/doorward/storage/storagetest"
)

// No statement reads a whole table to find a few rows of it.
func TestPlans(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	statements := storagetest.Bounded(t, func(t *testing.T, o storagetest.Opts) authcore.Store {
		db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path, Wrap: o.Wrap})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	})
	db := raw(t, path)
	defer func() { _ = db.Close() }()
	for what, statement := range statements {
		plan := planOf(t, db, statement)
		if strings.Contains(plan, "SCAN") || !strings.Contains(plan, "INDEX") {
			t.Errorf("%s: %s", what, plan)
		}
	}
}

func planOf(t *testing.T, db *sql.DB, statement string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+statement, make([]any, strings.Count(statement, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}
