package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/doorward/doorward/authcore"
	"github.com/pressly/goose/v3"
)

// Migrate brings the schema up to what this program knows, each step in its
// own transaction, so that an interrupted run goes on where it stopped. There
// is no way back: a schema from a newer program is refused with CodeConflict,
// for an older program would not know what it may touch. It is not bound by
// the CallTimeout, and a step that has begun does not end with ctx: a start
// gives up after some seconds, and would begin a longer step anew for ever.
func (db *DB) Migrate(ctx context.Context) error {
	d, migrator := db.options.Dialect, db.options.Migrator
	if migrator == nil {
		migrator = db.options.Writer
	}
	p, err := goose.NewProvider(d.Goose, migrator, d.Migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	sources := p.ListSources()
	known := sources[len(sources)-1].Version
	if db.version(ctx) == known {
		return nil
	}
	unlock, err := lockMigrations(ctx, migrator, d.MigrationLock)
	if err != nil {
		return fmt.Errorf("waiting for another process that migrates: %w", err)
	}
	defer unlock()
	current, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	if current > known {
		return authcore.Errorf(authcore.CodeConflict,
			"the database has schema version %d, but this program knows versions up to %d: start the newer program, or restore a backup from before its first start",
			current, known)
	}
	if _, err := p.Up(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("bringing the schema to version %d: %w", known, err)
	}
	return nil
}

// version is that of the schema, or 0 when it can't be known, as in a new
// database. It spares an ordinary start the lock.
func (db *DB) version(ctx context.Context) int64 {
	var v int64
	_ = db.transact(ctx, &db.writer, func(t authcore.Tx) (err error) {
		v, err = get[int64](t.(*tx), `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`)
		return err
	})
	return v
}

// lockMigrations holds the lock in a transaction of its own, so that it ends
// with the connection of a process that dies, also behind a pooler. ctx bounds
// the wait for it and not the transaction.
func lockMigrations(ctx context.Context, db *sql.DB, statement string) (unlock func(), err error) {
	if statement == "" {
		return func() {}, nil
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	x, err := c.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if _, err := x.ExecContext(ctx, statement); err != nil {
		return nil, errors.Join(err, x.Rollback(), c.Close())
	}
	return func() { _ = x.Rollback(); _ = c.Close() }, nil
}
