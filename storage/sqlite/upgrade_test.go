package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"github.com/doorward/doorward/storage/storagetest"
)

// A database of the first version, with rows in it, is brought up to this one.
func TestUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	first, err := os.ReadFile("migrations/00001_first.sql")
	if err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, fstest.MapFS{"00001_first.sql": &fstest.MapFile{Data: first}},
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), storagetest.FirstRows(`X'010002FF'`)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	storagetest.Upgraded(t, open(t, path))
}
