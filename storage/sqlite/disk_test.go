package sqlite_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/sqlite"
)

// TestDiskFull: a full disk is reported, costs no row, and heals by itself.
func TestDiskFull(t *testing.T) {
	disk := &hooked{pragma: `PRAGMA max_page_count = 1000000`}
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "a.db"), Wrap: disk.wrap})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := create(db, "first"); err != nil {
		t.Fatal(err)
	}
	disk.set(t, `PRAGMA max_page_count = 1`) // SQLite takes it as the present size
	last := ""
	for i := range 10000 {
		last = fmt.Sprintf("%01000d", i)
		if err = create(db, last); err != nil {
			break
		}
	}
	if authcore.CodeOf(err) != authcore.CodeUnavailable {
		t.Fatalf("on a full disk: %v, want unavailable", err)
	}
	if exists(t, db, last) || !exists(t, db, "first") {
		t.Error("the full disk lost a row or kept half of one")
	}
	disk.set(t, `PRAGMA max_page_count = 1000000`)
	if err := create(db, last); err != nil {
		t.Errorf("with space again: %v", err)
	}
	if !exists(t, db, last) {
		t.Error("an acknowledged row is missing")
	}
}

// hooked runs a pragma on each new connection of the writer, and on the
// present one when it changes. The first pool that Open makes is the writer's.
type hooked struct {
	driver.Connector
	pragma string
	conn   driver.Conn
	pools  int
}

func (h *hooked) wrap(c driver.Connector) driver.Connector {
	if h.pools++; h.pools > 1 {
		return c
	}
	h.Connector = c
	return h
}

func (h *hooked) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := h.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	h.conn = conn
	_, err = conn.(driver.ExecerContext).ExecContext(ctx, h.pragma, nil)
	return conn, err
}

func (h *hooked) set(t *testing.T, pragma string) {
	t.Helper()
	h.pragma = pragma
	if _, err := h.conn.(driver.ExecerContext).ExecContext(t.Context(), pragma, nil); err != nil {
		t.Fatal(err)
	}
}
