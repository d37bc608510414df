package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/jmoiron/sqlx"
)

// tx is one transaction. It is not safe for concurrent use.
type tx struct {
	ctx context.Context // of the one call that the transaction lives in
	db  *DB
	x   *sqlx.Tx
	// lost is why nothing may follow: a failed statement, or the end.
	lost error
}

func (t *tx) commit() error {
	if t.lost != nil {
		return t.lost
	}
	_, err := bounded(t.ctx, func() (struct{}, error) { return struct{}{}, t.x.Commit() })
	if err != nil {
		return t.db.failure(err)
	}
	return nil
}

// end rolls back what was not committed. Its error is of no use: either
// way nothing of the transaction remains.
func (t *tx) end() {
	t.lost = authcore.Errorf(authcore.CodeInternal, "the transaction is over")
	_, _ = bounded(t.ctx, func() (struct{}, error) { return struct{}{}, t.x.Rollback() })
}

// call runs one statement and turns its error into one of ours.
func call[T any](t *tx, f func() (T, error)) (T, error) {
	var zero T
	if t.lost != nil {
		return zero, t.lost
	}
	v, err := bounded(t.ctx, f)
	if err == nil {
		return v, nil
	}
	failure := t.db.failure(err)
	if failure.Code != authcore.CodeNotFound {
		t.lost = failure
	}
	return zero, failure
}

// get selects one row; CodeNotFound when there is none.
func get[T any](t *tx, query string, args ...any) (T, error) {
	return call(t, func() (T, error) {
		var v T
		err := t.x.GetContext(t.ctx, &v, t.db.rebind(query), args...)
		return v, err
	})
}

// list selects any number of rows.
func list[T any](t *tx, query string, args ...any) ([]T, error) {
	return selected[T](t, t.db.rebind(query), args...)
}

// listOnce is list for a text that is made for one call, and not worth keeping.
func listOnce[T any](t *tx, query string, args ...any) ([]T, error) {
	return selected[T](t, sqlx.Rebind(t.db.options.Dialect.Bind, query), args...)
}

func selected[T any](t *tx, bound string, args ...any) ([]T, error) {
	return call(t, func() ([]T, error) {
		var v []T
		err := t.x.SelectContext(t.ctx, &v, bound, args...)
		return v, err
	})
}

// exec runs a statement and gives the number of rows it touched.
func (t *tx) exec(query string, args ...any) (int64, error) {
	return call(t, func() (int64, error) {
		r, err := t.x.ExecContext(t.ctx, t.db.rebind(query), args...)
		if err != nil {
			return 0, err
		}
		return r.RowsAffected()
	})
}

// won runs a statement that touches one row or none, and says which.
func (t *tx) won(query string, args ...any) (bool, error) {
	n, err := t.exec(query, args...)
	return n > 0, err
}

// must runs a statement that touches a row; CodeNotFound when there is none.
func (t *tx) must(query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n == 0 {
		return t.db.failure(sql.ErrNoRows)
	}
	return err
}

// insert runs a statement with :names, taken from row's db tags.
func (t *tx) insert(query string, row any) error {
	q, args, err := sqlx.Named(query, row)
	if err != nil {
		return t.db.failure(err)
	}
	_, err = t.exec(q, args...)
	return err
}

// rebind translates the placeholders, once for each text.
func (db *DB) rebind(query string) string {
	if q, ok := db.rebound.Load(query); ok {
		return q.(string)
	}
	q := sqlx.Rebind(db.options.Dialect.Bind, query)
	db.rebound.Store(query, q)
	return q
}

// failure turns any error into one of ours. The drivers' texts name tables and
// columns, never the values that were bound.
func (db *DB) failure(err error) *authcore.Error {
	var ours *authcore.Error
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, sql.ErrNoRows):
		return authcore.Errorf(authcore.CodeNotFound, "there is no such record")
	}
	switch db.options.Dialect.Code(err) {
	case authcore.CodeConflict:
		return authcore.Wrap(authcore.CodeConflict, err, "it clashes with what exists already")
	case authcore.CodeInvalid:
		return authcore.Wrap(authcore.CodeInvalid, err, "the database can't keep this value")
	default:
		return authcore.Unavailable(err)
	}
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

var _ authcore.Tx = (*tx)(nil)
