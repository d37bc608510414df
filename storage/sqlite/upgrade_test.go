package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"github.com/doorward/doorward/storage/storagetest"
)

// A database of each version before, with rows in it, is brought up to this one.
func TestUpgrade(t *testing.T) {
	all, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	versions := storagetest.Versions(`X'010002FF'`)
	if len(versions) != len(all)-1 {
		t.Errorf("rows of %d versions for %d migrations", len(versions), len(all))
	}
	for i, rows := range versions {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			asOf(t, path, all[:i+1], rows)
			storagetest.Upgraded(t, open(t, path), i+1)
		})
	}
}

// asOf makes a database that knows these migrations only, with rows in it.
func asOf(t *testing.T, path string, migrations []string, rows string) {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range migrations {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = &fstest.MapFile{Data: text}
	}
	db := raw(t, path)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
