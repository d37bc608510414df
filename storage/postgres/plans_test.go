package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/storagetest"
)

// No statement reads a whole table to find a few rows of it. In an empty one the
// server would, as that is cheaper: so it must not.
func TestPlans(t *testing.T) {
	cluster := postgrestest.Start(t)
	statements := storagetest.Bounded(t, func(t *testing.T, o storagetest.Opts) authcore.Store {
		return open(t, postgres.Options{DSN: cluster.Database(t), Wrap: o.Wrap})
	})
	db := cluster.Open(t, "test1")
	defer func() { _ = db.Close() }()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.ExecContext(t.Context(), `SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan`); err != nil {
		t.Fatal(err)
	}
	for what, statement := range statements {
		plan := planOf(t, c, statement)
		scans := strings.Count(plan, " Scan using ") + strings.Count(plan, "Bitmap Index Scan")
		if strings.Contains(plan, "Seq Scan") || scans == 0 || strings.Count(plan, "Index Cond") != scans {
			t.Errorf("%s: %s", what, plan)
		}
	}
}

// planOf gives the plan for any arguments.
func planOf(t *testing.T, c *sql.Conn, statement string) string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	if _, err := c.ExecContext(ctx, `PREPARE p AS `+statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer func() { _, _ = c.ExecContext(ctx, `DEALLOCATE p`) }()
	n := 0
	for strings.Contains(statement, fmt.Sprintf("$%d", n+1)) {
		n++
	}
	rows, err := c.QueryContext(ctx, `EXPLAIN EXECUTE p`+strings.Replace("("+strings.Repeat(", NULL", n)+")", "(, ", "(", 1))
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var step string
		if err := rows.Scan(&step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
