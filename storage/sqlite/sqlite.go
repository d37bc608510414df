// Package sqlite keeps a storage.DB in one SQLite file, for one process.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"io/fs"
	"net/url"
	"runtime"
	"syscall"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage"
	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options say which file, and how long a call may take.
type Options struct {
	// Path is the database file. Beside it stand Path-wal, Path-shm,
	// Path.lock and the seal key, Path.key.
	Path string
	// CallTimeout and Waiters are those of storage.Options.
	CallTimeout time.Duration
	Waiters     int
	// Wrap stands between the pools and the driver, in tests. Nil: nothing.
	Wrap func(driver.Connector) driver.Connector
}

// Open opens the database, makes it if there is none, and migrates it. The
// directory is made with mode 0700 and the file with 0600; wider permissions
// of an existing file are narrowed.
//
// CodeUnavailable means that it may work later (disk full, I/O error).
// CodeConflict: another process has the database, it is damaged or gone, or it
// was made by a newer program. CodeInvalid: the path can't be used. The message
// names the file in each case.
func Open(ctx context.Context, o Options) (*storage.DB, error) {
	path, err := resolve(o.Path)
	if err != nil {
		return nil, problem(o.Path, err)
	}
	if err := makeDir(path); err != nil {
		return nil, problem(path, err)
	}
	if err := refuseLost(path); err != nil {
		return nil, problem(path, err)
	}
	release, err := lock(path + ".lock")
	if err != nil {
		return nil, problem(path, err)
	}
	if err := makeFile(ctx, path); err != nil {
		return nil, problem(path, errors.Join(err, release()))
	}
	db, err := open(ctx, o, path, release)
	if err != nil {
		return nil, problem(path, errors.Join(err, release()))
	}
	if err := remember(path); err != nil {
		return nil, problem(path, errors.Join(err, db.Close()))
	}
	return db, nil
}

func open(ctx context.Context, o Options, path string, release func() error) (*storage.DB, error) {
	wrap := o.Wrap
	if wrap == nil {
		wrap = func(c driver.Connector) driver.Connector { return c }
	}
	writer, err := pool(path, wrap, writing(), 1)
	if err != nil {
		return nil, err
	}
	reader, err := pool(path, wrap, url.Values{"_query_only": {"1"}}, max(4, runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	if err := verify(ctx, writer, reader); err != nil {
		return nil, errors.Join(err, reader.Close(), writer.Close())
	}
	db := storage.New(storage.Options{
		Reader: reader, Writer: writer, Dialect: dialect(), CallTimeout: o.CallTimeout, Waiters: o.Waiters,
		// A truncated WAL leaves one file to copy.
		BeforeClose: func(ctx context.Context) error {
			_, err := writer.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
			return err
		},
		AfterClose: release,
	})
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, reader.Close(), writer.Close())
	}
	return db, nil
}

func writing() url.Values {
	return url.Values{"_txlock": {"immediate"}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"}}
}

// pool opens no connection yet. The file must exist: SQLite shall never make
// an empty database where one was expected.
func pool(path string, wrap func(driver.Connector) driver.Connector, params url.Values, size int) (*sql.DB, error) {
	params.Set("mode", "rw")
	params.Set("_busy_timeout", "2000")
	params.Set("_foreign_keys", "1")
	params.Set("_defensive", "1")
	params.Set("_dqs", "0")
	params.Set("_error_rc", "1")
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: params.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(wrap(c))
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

func dialect() storage.Dialect {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return storage.Dialect{
		Goose: goose.DialectSQLite3, Bind: sqlx.QUESTION, Migrations: sub, Code: code,
		// One writer commits in the order of the numbers, so the last one is a cursor.
		FeedCursor: `SELECT 'sqlite' AS database, 0 AS clock,
			CAST(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'epochs'), 0) AS TEXT) AS position`,
		FeedSince: `WHERE seq > CAST(? AS INTEGER) ORDER BY seq`,
	}
}

func code(err error) authcore.Code {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return authcore.CodeConflict
		}
	}
	return authcore.CodeUnavailable
}

// problem says what went wrong with the file, and whether it may pass.
func problem(path string, err error) error {
	var ours *authcore.Error
	if errors.As(err, &ours) {
		return authcore.Wrap(ours.Code, errors.Unwrap(ours), "database "+path+": "+ours.Message)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, syscall.ENOTDIR) {
		return authcore.Wrap(authcore.CodeInvalid, err, "database "+path+" can't be used: "+err.Error())
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff { // the rest of an extended code tells more than is needed
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return authcore.Wrap(authcore.CodeConflict, err,
				"database "+path+" is damaged or is no SQLite database: restore it from a backup, with the seal key beside it")
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY:
			return authcore.Wrap(authcore.CodeInvalid, err, "database "+path+" can't be opened for writing: "+e.Error())
		}
	}
	return authcore.Unavailable(errors.Join(errors.New("database "+path), err))
}
