// Package postgres keeps a storage.DB in PostgreSQL 13 or newer, for several
// nodes at once.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The connections of one node: these, one more to listen, and two while it
// migrates.
const (
	DefaultWriters = 8
	readers        = 4
)

// Options say which database, and how long a call may take.
type Options struct {
	// DSN is a URL (postgres://user:password@host/database) or key=value pairs,
	// as libpq takes them. Without sslmode it is verify-full, and on loopback
	// disable; without target_session_attrs it is primary.
	DSN string
	// ListenDSN leads to the same database past a pooler, which can't pass on
	// notifications. Empty: DSN.
	ListenDSN string
	// Writers is how many connections may write. 0: DefaultWriters.
	Writers int
	// CallTimeout and Waiters are those of storage.Options. No single read or
	// write on a connection takes longer than a call either.
	CallTimeout time.Duration
	Waiters     int
	// Log is told when the connection that listens can't be made. Nil: nobody.
	Log *slog.Logger
	// Wrap stands between the pools and the driver, in tests. Nil: nothing.
	Wrap func(driver.Connector) driver.Connector
}

// Open connects and migrates.
//
// CodeUnavailable means that it may work later: the server is away, starting,
// full, or a standby. CodeInvalid: the DSN, the login, the TLS certificate or a
// missing right. CodeConflict: the schema was made by a newer program. No
// message holds the DSN or a password.
func Open(ctx context.Context, o Options) (*storage.DB, error) {
	if o.CallTimeout == 0 {
		o.CallTimeout = storage.DefaultCallTimeout
	}
	if o.Writers == 0 {
		o.Writers = DefaultWriters
	}
	dsn, err := complete(o.DSN)
	if err != nil {
		return nil, err
	}
	listenDSN := dsn
	if o.ListenDSN != "" {
		if listenDSN, err = complete(o.ListenDSN); err != nil {
			return nil, err
		}
	}
	pools, err := openPools(o, dsn)
	if err != nil {
		return nil, err
	}
	if err := greet(ctx, pools.writer, o.CallTimeout); err != nil {
		return nil, problem(errors.Join(err, pools.close()))
	}
	listener := listen(listenDSN, o.Log)
	db := storage.New(storage.Options{
		Reader: pools.reader, Writer: pools.writer, Migrator: pools.migrator, Changes: listener.changes,
		Dialect: dialect(), CallTimeout: o.CallTimeout, Waiters: o.Waiters,
		AfterClose: listener.Close,
	})
	err = db.Migrate(ctx)
	if e := pools.migrator.Close(); err == nil { // needed no more
		err = e
	}
	if err != nil {
		return nil, problem(errors.Join(err, db.Close()))
	}
	return db, nil
}

type pools struct{ reader, writer, migrator *sql.DB }

// openPools opens no connection yet.
func openPools(o Options, dsn string) (p pools, err error) {
	for _, pool := range []struct {
		db   **sql.DB
		size int
		wait time.Duration
	}{
		{&p.reader, readers, o.CallTimeout},
		{&p.writer, o.Writers, o.CallTimeout},
		{&p.migrator, 2, migrationStep},
	} {
		c, err := pq.NewConnector(dsn)
		if err != nil {
			return p, problem(err)
		}
		c.Dialer(dialer{pool.wait})
		wrapped := driver.Connector(c)
		if o.Wrap != nil {
			wrapped = o.Wrap(c)
		}
		*pool.db = sql.OpenDB(wrapped)
		(*pool.db).SetMaxOpenConns(pool.size)
		(*pool.db).SetMaxIdleConns(pool.size)
		// After a failover by address, a primary that lives on is left in minutes.
		(*pool.db).SetConnMaxLifetime(5 * time.Minute)
	}
	return p, nil
}

func (p pools) close() error {
	return errors.Join(p.reader.Close(), p.writer.Close(), p.migrator.Close())
}

// greet says whether the server answers, and is one that we know.
func greet(ctx context.Context, db *sql.DB, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var version int
	if err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return err
	}
	if version < 130000 {
		return authcore.Errorf(authcore.CodeConflict, "PostgreSQL %d is too old: 13 or newer", version/10000)
	}
	return nil
}

func dialect() storage.Dialect {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return storage.Dialect{
		Goose: goose.DialectPostgres, Bind: sqlx.DOLLAR, Migrations: sub, Code: code,
		// A process that froze while it held the lock loses it in the end.
		MigrationLock: `SET LOCAL idle_in_transaction_session_timeout = '10min'; SELECT pg_advisory_xact_lock(7236837042)`,
		// LOCAL, and not in the session: behind a pooler each transaction may
		// have another one. All are shorter than a call, so that the server lets
		// go of locks before the caller is told that it failed.
		Begin: `SET LOCAL statement_timeout = 1500; SET LOCAL lock_timeout = 1000; SET LOCAL idle_in_transaction_session_timeout = 1500`,
		// To write, READ COMMITTED is right: who comes second waits, and sees what
		// the first has done.
		ReadIsolation: sql.LevelRepeatableRead, WriteIsolation: sql.LevelReadCommitted,
		// A position is the whole snapshot, so that a transaction that runs for
		// hours, here or in another database, lists nothing twice. The start time
		// tells a server from the standby that took over.
		FeedCursor: `SELECT extract(epoch FROM pg_postmaster_start_time())::text AS database,
			pg_current_snapshot()::text AS position,
			(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS clock`,
		// The upper bound leaves out rows that were restored from another cluster.
		FeedSince: `, (SELECT CAST(? AS pg_snapshot) AS seen) AS last
			WHERE xid >= pg_snapshot_xmin(seen)::text::bigint
				AND xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
				AND NOT pg_visible_in_snapshot(xid::text::xid8, seen) ORDER BY seq`,
	}
}
