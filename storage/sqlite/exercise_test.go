package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/sqlite"
	"github.com/doorward/doorward/storage/storagetest"
)

func TestStore(t *testing.T) {
	storagetest.Exercise(t, func(t *testing.T, o storagetest.Opts) authcore.Store {
		db, err := sqlite.Open(t.Context(), sqlite.Options{
			Path: filepath.Join(t.TempDir(), "doorward.db"), Wrap: o.Wrap, CallTimeout: o.CallTimeout, Waiters: o.Waiters,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	})
}
