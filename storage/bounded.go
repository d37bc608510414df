package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/doorward/doorward/authcore"
	"github.com/jmoiron/sqlx"
)

var (
	errBusy   = errors.New("storage: too many calls are waiting for a connection")
	errClosed = errors.New("storage: the database is closed")
)

// bounded runs f, but waits for it no longer than ctx lives: a driver may sit
// in a system call that knows no deadline (a frozen disk or server). What f
// still does then is without effect: the transaction of an ended ctx is rolled
// back by database/sql. A panic of the driver becomes an error, because here
// it would end the process.
func bounded[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	var zero T
	if err := ctx.Err(); err != nil {
		return zero, err
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				// The value is left out: it could hold what was bound.
				r = result{err: fmt.Errorf("storage: the driver panicked with a %T", p)}
			}
			done <- r
		}()
		r.value, r.err = f()
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

// pool is a set of connections with a bounded crowd before it.
type pool struct {
	db   *sqlx.DB
	opts *sql.TxOptions
	// slots has room for every connection and every call that may wait for one.
	slots chan struct{}
}

func newPool(db *sqlx.DB, opts *sql.TxOptions, waiters int) pool {
	size := db.Stats().MaxOpenConnections + waiters
	return pool{db: db, opts: opts, slots: make(chan struct{}, size)}
}

func (p *pool) enter() error {
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
		return authcore.Unavailable(errBusy)
	}
}

func (p *pool) leave() { <-p.slots }

// drain takes every slot and gives none back: when it returns nil no call is
// running, and none can begin.
func (p *pool) drain(ctx context.Context) error {
	for range cap(p.slots) {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
