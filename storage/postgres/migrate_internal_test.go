package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/storagetest"
)

// next is a migration to come: it rewrites a large table, row by row, and
// tells how often it ran.
const next = `-- +goose Up
ALTER TABLE audit ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;
UPDATE audit SET weight = length(reason);
INSERT INTO attributes (owner_kind, owner, dialect, name, value) VALUES ('test', txid_current()::text, 'test', 'ran', '');
`

// known are the migrations of this program, and how many they are.
func known(t *testing.T) (files fstest.MapFS, n int) {
	t.Helper()
	names, err := fs.Glob(dialect().Migrations, "*.sql")
	if err != nil || len(names) < 2 {
		t.Fatalf("the migrations are %v, %v", names, err)
	}
	files = fstest.MapFS{}
	for _, name := range names {
		text, err := fs.ReadFile(dialect().Migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	return files, len(names)
}

// program is one that knows the migrations of this one, and some more, until the
// test ends.
func program(t *testing.T, dsn string, more ...string) *storage.DB {
	t.Helper()
	files, n := known(t)
	for i, text := range more {
		files[fmt.Sprintf("%05d_more.sql", n+1+i)] = &fstest.MapFile{Data: []byte(text)}
	}
	return programWith(t, dsn, files)
}

func programWith(t *testing.T, dsn string, migrations fs.FS) *storage.DB {
	t.Helper()
	dsn, err := complete(dsn)
	if err != nil {
		t.Fatal(err)
	}
	p, err := openPools(Options{CallTimeout: storage.DefaultCallTimeout, Writers: 2}, dsn)
	if err != nil {
		t.Fatal(err)
	}
	d := dialect()
	d.Migrations = migrations
	db := storage.New(storage.Options{Reader: p.reader, Writer: p.writer, Migrator: p.migrator, Dialect: d})
	t.Cleanup(func() { _ = errors.Join(db.Close(), p.migrator.Close()) })
	return db
}

// grown is a database of this version with 10^5 rows.
func grown(t *testing.T, c *postgrestest.Cluster) (dsn, name string) {
	t.Helper()
	dsn, name = c.Database(t), "test1"
	if err := program(t, dsn).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Exec(t, name, `INSERT INTO audit (at, node, actor, action, outcome, reason, tenant, user_id, device_id, session_id, factor, address, request_id)
		SELECT n, 'node', 'anonymous', 'login.code', 'ok', n::text, 'default', '', '', '', '', '', '' FROM generate_series(1, 100000) n`)
	return dsn, name
}

func number(t *testing.T, c *postgrestest.Cluster, name, query string) (n int) {
	t.Helper()
	db := c.Open(t, name)
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// migrated demands that the next migration ran, once, over every row.
func migrated(t *testing.T, c *postgrestest.Cluster, name string) {
	t.Helper()
	_, n := known(t)
	for query, want := range map[string]int{
		`SELECT count(*) FROM attributes WHERE name = 'ran'`:          1,
		`SELECT max(version_id) FROM goose_db_version`:                n + 1,
		`SELECT count(*) FROM goose_db_version`:                       n + 2, // goose's own 0 among them
		`SELECT count(*) FROM audit WHERE weight = length(reason)`:    100000,
		`SELECT count(*) FROM pg_stat_activity WHERE state ~ 'abort'`: 0,
	} {
		if got := number(t, c, name, query); got != want {
			t.Errorf("%s gives %d, want %d", query, got, want)
		}
	}
}

// FI-21: of eight programs that start at once over a large old schema one
// migrates, and the others wait for it. The program before refuses afterwards.
func TestOneMigrates(t *testing.T) {
	c := postgrestest.Start(t)
	dsn, name := grown(t, c)
	done := make(chan error, 8)
	for range cap(done) {
		db := program(t, dsn, next)
		go func() { done <- db.Migrate(context.WithoutCancel(t.Context())) }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	migrated(t, c, name)
	_, n := known(t)
	err := program(t, dsn).Migrate(t.Context())
	if authcore.CodeOf(err) != authcore.CodeConflict || !strings.Contains(authcore.MessageOf(err), fmt.Sprintf("version %d", n+1)) ||
		!strings.Contains(authcore.MessageOf(err), fmt.Sprintf("up to %d", n)) {
		t.Errorf("the older program gets %v", err)
	}
	migrated(t, c, name) // the older program changed nothing
}

// A start gives up after some seconds, and a migration that has begun does not:
// or one that takes longer would begin anew at every try, for ever.
func TestMigrationOutlivesTheStart(t *testing.T) {
	c := postgrestest.Start(t)
	dsn, name := grown(t, c)
	slow := strings.Replace(next, "UPDATE audit", "SELECT pg_sleep(2);\nUPDATE audit", 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := program(t, dsn, slow).Migrate(ctx); err != nil {
		t.Error(err)
	}
	migrated(t, c, name)
}

// Whoever waits for another that migrates gives up in time.
func TestWaitForAMigrationEnds(t *testing.T) {
	c := postgrestest.Start(t)
	dsn, name := grown(t, c)
	db := c.Open(t, name)
	defer func() { _ = db.Close() }()
	other, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), dialect().MigrationLock); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := program(t, dsn, next).Migrate(ctx); err == nil {
		t.Error("two migrate at once")
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it gave up after %s", took)
	}
	if err := other.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := program(t, dsn, next).Migrate(t.Context()); err != nil {
		t.Error(err)
	}
	migrated(t, c, name)
}

// A program that is killed in the middle leaves nothing behind, however often.
func TestKilledMigration(t *testing.T) {
	c := postgrestest.Start(t)
	dsn, name := grown(t, c)
	slow := strings.Replace(next, "UPDATE audit", "SELECT pg_sleep(30);\nUPDATE audit", 1)
	for range 3 {
		done := make(chan error, 1)
		db := program(t, dsn, slow)
		go func() { done <- db.Migrate(context.WithoutCancel(t.Context())) }()
		tick := time.NewTicker(10 * time.Millisecond)
		for number(t, c, name, `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND state = 'active' AND pid <> pg_backend_pid()`) == 0 {
			<-tick.C
		}
		tick.Stop()
		// What the server does when the other end of a connection is gone.
		c.Exec(t, name, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		if err := <-done; err == nil {
			t.Error("a killed migration gives no error")
		}
		if n := number(t, c, name, `SELECT count(*) FROM information_schema.columns WHERE table_name = 'audit' AND column_name = 'weight'`); n != 0 {
			t.Error("half of the migration is there")
		}
	}
	if err := program(t, dsn, next).Migrate(t.Context()); err != nil {
		t.Error(err)
	}
	migrated(t, c, name)
}

// A database of each version before, with rows in it, is brought up to this one.
func TestUpgrade(t *testing.T) {
	c := postgrestest.Start(t)
	all, n := known(t)
	versions := storagetest.Versions(`'\x010002ff'`)
	if len(versions) != n-1 {
		t.Errorf("rows of %d versions for %d migrations", len(versions), n)
	}
	for i, rows := range versions {
		dsn := c.Database(t)
		old := fstest.MapFS{}
		for name, file := range all {
			if number, _, _ := strings.Cut(name, "_"); number <= fmt.Sprintf("%05d", i+1) {
				old[name] = file
			}
		}
		if err := programWith(t, dsn, old).Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Exec(t, fmt.Sprintf("test%d", i+1), rows)
		db := program(t, dsn)
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		storagetest.Upgraded(t, db, i+1)
		err := programWith(t, dsn, old).Migrate(t.Context())
		if authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("the program of version %d gets %v", i+1, err)
		}
	}
}
