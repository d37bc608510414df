package storagetest

import (
	"context"
	"database/sql/driver"
)

// conn forwards what database/sql may ask of a connection. Where the driver
// lacks an optional interface it answers as database/sql would without it.
type conn struct {
	driver.Conn
	faults *Faults
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.faults.begin(); err != nil {
		return nil, err
	}
	inner, err := c.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &faultyTx{inner, c.faults}, nil
}

func (c *conn) begin(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	return c.Conn.Begin() //nolint:staticcheck // all that such a driver has
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	e, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip // database/sql prepares instead, and is counted there
	}
	if err := c.faults.statement(query); err != nil {
		return nil, err
	}
	return c.faults.counted(e.ExecContext(ctx, query, args))
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	q, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	if err := c.faults.statement(query); err != nil {
		return nil, err
	}
	return q.QueryContext(ctx, query, args)
}

// PrepareContext counts the statement when it is prepared; how often it is run
// after that is not seen.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.faults.statement(query); err != nil {
		return nil, err
	}
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	return c.Conn.Prepare(query)
}

func (c *conn) Ping(ctx context.Context) error {
	if p, ok := c.Conn.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

func (c *conn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c *conn) IsValid() bool {
	if v, ok := c.Conn.(driver.Validator); ok {
		return v.IsValid()
	}
	return true
}

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

type faultyTx struct {
	driver.Tx
	faults *Faults
}

func (t *faultyTx) Commit() error {
	if err := t.faults.commit(); err != nil {
		_ = t.Tx.Rollback() // or the connection would go back with an open transaction
		return err
	}
	return t.Tx.Commit()
}
