package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-06, short: PostgreSQL is killed under load and comes back. A node that was
// started meanwhile heals by itself too.
func TestKilledDatabase(t *testing.T) {
	t.Parallel() // it mostly waits
	x := begin(t, "FI-06")
	pg := postgrestest.Start(t)
	w := newWorld(t, "postgres "+pg.Database(t))
	n, late := w.start(), w.prepare()
	l := x.press(4, n)
	x.wait(500 * time.Millisecond)
	pg.Kill()
	down := time.Now()
	late.run()
	x.until(10*time.Second, "a node that starts without its database answers", func() bool {
		status, _ := late.get("/.doorward/health", "")
		return status == http.StatusOK
	})
	for what, status := range map[string]int{
		"a login": firstOf(late.login(l.people[0], "123456")),
		"a page":  firstOf(late.get("/", l.tokens[0])),
		"ready":   firstOf(late.get("/.doorward/ready", "")),
	} {
		if status != http.StatusServiceUnavailable {
			x.violate("%s of a node without its database: %d", what, status)
		}
	}
	x.wait(time.Second)
	comesBack(x, l, pg, down, time.Second)
	x.note("late_node_ready_after_ms", x.until(7*time.Second, "the late node heals", late.ready).Milliseconds())
	if status, _ := late.get("/", l.tokens[0]); status != http.StatusOK {
		x.violate("the late node gives %d", status)
	}
	l.calm()
}

func firstOf(status int, _ string) int { return status }

// comesBack starts the server again and holds what was answered meanwhile, and
// how long it takes to heal, against the limits.
func comesBack(x *experiment, l *load, pg *postgrestest.Cluster, down time.Time, quiet time.Duration) {
	x.t.Helper()
	ends := time.Now()
	for _, a := range l.between(down, ends) {
		if a.login && a.status != http.StatusServiceUnavailable {
			x.violate("a login without a database: %d", a.status)
		}
		if !a.login && a.status != http.StatusOK { // the view is not yet stale
			x.violate("a page without a database: %d", a.status)
		}
	}
	if err := pg.Run(); err != nil {
		x.t.Fatal(err)
	}
	x.note("down_ms", time.Since(down).Milliseconds())
	l.heals(time.Now(), quiet)
}
