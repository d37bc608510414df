package integration

import (
	"context"
	"database/sql/driver"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// full plays a disk without space: SQLite may add no page to the file, and
// fails as it does then, with SQLITE_FULL.
type full struct{ on atomic.Bool }

func (f *faults) Wrap(c driver.Connector) driver.Connector {
	return f.Faults.Wrap(&fullConnector{c, &f.full})
}

type fullConnector struct {
	driver.Connector
	full *full
}

func (c *fullConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	return &fullConn{inner, c.full}, err
}

type fullConn struct {
	driver.Conn
	full *full
}

func (c *fullConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	pages := "PRAGMA max_page_count = 1073741823"
	if c.full.on.Load() {
		pages = "PRAGMA max_page_count = 1" // SQLite raises it to what there is
	}
	if _, err := c.ExecContext(ctx, pages, nil); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

func (c *fullConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, q, args)
}

func (c *fullConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, q, args)
}

func (c *fullConn) PrepareContext(ctx context.Context, q string) (driver.Stmt, error) {
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, q)
}

// FI-15, LCK-02: on a full disk nobody logs in, no guess is free, sessions go
// on, and when there is space again nothing needs a restart.
func TestFullDisk(t *testing.T) {
	d, f := openFaulty(t)
	o := d.openSession()
	guessed := d.addHOTP()
	f.full.on.Store(true)
	filled := false
	for range 500 { // audit rows, until there is no room for one more
		err := d.try("device/block", admin.DeviceRef{Device: d.serial}, new(admin.Device))
		if err == nil {
			err = d.try("device/unblock", admin.DeviceRef{Device: d.serial}, new(admin.Device))
		}
		if filled = err != nil; filled {
			break
		}
	}
	if !filled {
		t.Fatal("the disk does not become full")
	}
	looked := 0
	for n := range 5 {
		status, token := d.login(guessed.code(900 + n))
		if status == http.StatusUnauthorized {
			looked++
		} else if status != http.StatusServiceUnavailable {
			t.Errorf("a wrong code gives %d, want 503", status)
		}
		if token != "" {
			t.Error("a wrong code gives a token")
		}
	}
	if counted := d.shown(guessed.Serial).WrongCodesTotal; counted < looked {
		t.Errorf("%d wrong codes were looked at and %d counted", looked, counted)
	}
	if status, token := d.login(guessed.code(0)); status != http.StatusServiceUnavailable || token != "" {
		t.Errorf("the right code gives %d, want 503", status)
	}
	d.wantIn("a session on a full disk", o.token)
	f.full.on.Store(false)
	if status, _ := d.login(guessed.code(0)); status != http.StatusCreated {
		t.Errorf("with space again the same code gives %d, want 201", status)
	}
	if status, _ := d.login(guessed.code(0)); status != http.StatusUnauthorized {
		t.Errorf("and once more %d, want 401", status)
	}
}
