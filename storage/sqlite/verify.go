package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// minVersion has the fix for the WAL-reset bug, by which two connections that
// wrote and checkpointed at once could damage the file.
const minVersion = "3.51.3"

// verify reads back what was asked for: SQLite ignores a pragma that it does
// not know or can't honour.
func verify(ctx context.Context, writer, reader *sql.DB) error {
	var version string
	if err := writer.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version); err != nil {
		return err
	}
	if older(version, minVersion) {
		return authcore.Errorf(authcore.CodeConflict, "SQLite %s can damage a database in WAL mode: build with %s or newer", version, minVersion)
	}
	for _, check := range []struct {
		db           *sql.DB
		pragma, want string
	}{
		{writer, "journal_mode", "wal"},
		{writer, "synchronous", "2"},
		{writer, "busy_timeout", "2000"},
		{writer, "foreign_keys", "1"},
		{reader, "busy_timeout", "2000"},
		{reader, "query_only", "1"},
	} {
		var got string
		if err := check.db.QueryRowContext(ctx, `PRAGMA `+check.pragma).Scan(&got); err != nil {
			return err
		}
		if got != check.want {
			return authcore.Errorf(authcore.CodeConflict,
				"SQLite set %s to %q instead of %q: use a local file system that supports shared memory", check.pragma, got, check.want)
		}
	}
	return nil
}

// older compares versions of the form 3.51.3.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, err := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if err != nil || m != n {
			return err != nil || m < n
		}
	}
	return len(x) < len(y)
}
