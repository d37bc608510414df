package storage

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/jmoiron/sqlx"
)

// The defaults of Options.
const (
	DefaultCallTimeout = 2 * time.Second
	DefaultWaiters     = 256
)

// Options make a DB. Both pools must have a limit of open connections.
type Options struct {
	// Reader serves Read and Writer serves Write. The DB closes them.
	Reader, Writer *sql.DB
	// Migrator serves the migrations, which may take longer than a call. It has
	// room for two connections. Nil: the Writer, which then has no other user.
	Migrator *sql.DB
	Dialect  Dialect
	// Changes is that of an authcore.Notifier. It may be nil.
	Changes <-chan struct{}
	// CallTimeout bounds one Read or Write, the wait for a connection included.
	// 0: DefaultCallTimeout.
	CallTimeout time.Duration
	// Waiters is how many calls may wait for a connection of one pool; the next
	// one fails at once. 0: DefaultWaiters.
	Waiters int
	// BeforeClose runs at Close when no call is running any more; AfterClose
	// runs when the connections are gone. Both may be nil.
	BeforeClose func(context.Context) error
	AfterClose  func() error
}

// DB is an authcore.Store over an SQL database. It is safe for concurrent use.
type DB struct {
	reader, writer pool
	options        Options
	rebound        sync.Map // query with "?" -> query of the dialect
	closed         atomic.Bool
	closing        sync.Once
}

// New makes a DB. It opens nothing and runs no statement.
func New(o Options) *DB {
	if o.CallTimeout == 0 {
		o.CallTimeout = DefaultCallTimeout
	}
	if o.Waiters == 0 {
		o.Waiters = DefaultWaiters
	}
	return &DB{
		reader: newPool(sqlx.NewDb(o.Reader, string(o.Dialect.Goose)),
			&sql.TxOptions{Isolation: o.Dialect.ReadIsolation, ReadOnly: true}, o.Waiters),
		writer:  newPool(sqlx.NewDb(o.Writer, string(o.Dialect.Goose)), &sql.TxOptions{Isolation: o.Dialect.WriteIsolation}, o.Waiters),
		options: o,
	}
}

// Read runs fn on one consistent state. A statement that writes fails.
func (db *DB) Read(ctx context.Context, fn func(authcore.Tx) error) error {
	return db.transact(ctx, &db.reader, fn)
}

// Write runs fn and commits when it returns nil. Once a statement has failed
// with anything but CodeNotFound the transaction is lost: the statements after
// it fail too, and Write fails even if fn returns nil. (PostgreSQL does so by
// itself, and both databases shall behave alike.)
func (db *DB) Write(ctx context.Context, fn func(authcore.Tx) error) error {
	return db.transact(ctx, &db.writer, fn)
}

func (db *DB) transact(ctx context.Context, p *pool, fn func(authcore.Tx) error) error {
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	if db.closed.Load() {
		return authcore.Unavailable(errClosed)
	}
	ctx, cancel := context.WithTimeout(ctx, db.options.CallTimeout)
	defer cancel()
	x, err := bounded(ctx, func() (*sqlx.Tx, error) { return p.db.BeginTxx(ctx, p.opts) })
	if err != nil {
		return db.failure(err)
	}
	t := &tx{ctx: ctx, db: db, x: x}
	defer t.end() // also when fn panics
	if begin := db.options.Dialect.Begin; begin != "" {
		if _, err := t.exec(begin); err != nil {
			return err
		}
	}
	if err := fn(t); err != nil {
		return err
	}
	return t.commit()
}

// Changes receives when it is worth reading the feed of epochs.
func (db *DB) Changes() <-chan struct{} { return db.options.Changes }

// Close lets running calls finish (for at most twice the CallTimeout) and
// closes the database. Calls that come later get CodeUnavailable. Only the
// first Close does anything.
func (db *DB) Close() error {
	var err error
	db.closing.Do(func() { err = db.close() })
	return err
}

func (db *DB) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*db.options.CallTimeout)
	defer cancel()
	db.closed.Store(true)
	err := errors.Join(db.reader.drain(ctx), db.writer.drain(ctx))
	closers := []func() error{db.options.Reader.Close, db.options.Writer.Close}
	if before := db.options.BeforeClose; before != nil && err == nil {
		closers = append([]func() error{func() error { return before(ctx) }}, closers...)
	}
	for _, f := range closers {
		_, e := bounded(ctx, func() (struct{}, error) { return struct{}{}, f() })
		err = errors.Join(err, e)
	}
	if after := db.options.AfterClose; after != nil {
		ctx, cancel := context.WithTimeout(context.Background(), db.options.CallTimeout)
		defer cancel()
		_, e := bounded(ctx, func() (struct{}, error) { return struct{}{}, after() })
		err = errors.Join(err, e)
	}
	if err != nil {
		return authcore.Unavailable(err)
	}
	return nil
}

var (
	_ authcore.Store    = (*DB)(nil)
	_ authcore.Notifier = (*DB)(nil)
)
