package postgres_test

import (
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/storagetest"
)

func TestStore(t *testing.T) {
	cluster := postgrestest.Start(t)
	storagetest.Exercise(t, func(t *testing.T, o storagetest.Opts) authcore.Store {
		db, err := postgres.Open(t.Context(), postgres.Options{
			DSN: cluster.Database(t), Wrap: o.Wrap, CallTimeout: o.CallTimeout, Waiters: o.Waiters, Writers: o.Writers,
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
