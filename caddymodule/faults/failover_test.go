package faults

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// pair is a primary and its standby, and gateways that know both.
type pair struct {
	x                *experiment
	primary, standby *postgrestest.Cluster
	world            *world
}

func newPair(x *experiment) *pair {
	x.t.Helper()
	f := &pair{x: x, primary: postgrestest.Start(x.t)}
	f.primary.Database(x.t) // test1
	f.standby = f.primary.Standby(x.t)
	f.world = newWorld(x.t, fmt.Sprintf(`postgres "host=127.0.0.1,127.0.0.1 port=%d,%d user=doorward dbname=test1 sslmode=disable"`,
		f.primary.Port, f.standby.Port))
	return f
}

// set changes a setting of a running server.
func set(t testing.TB, c *postgrestest.Cluster, name, value string) {
	t.Helper()
	c.Exec(t, "postgres", fmt.Sprintf("ALTER SYSTEM SET %s = '%s'", name, value))
	c.Exec(t, "postgres", "SELECT pg_reload_conf()")
}

// part ends the replication: what is committed from now on, the standby has not.
func (f *pair) part() {
	f.x.t.Helper()
	set(f.x.t, f.standby, "primary_conninfo", "")
	f.await("the replication ends", f.primary, `SELECT count(*) = 0 FROM pg_stat_replication`)
}

// follows waits until the standby has everything.
func (f *pair) follows() {
	f.x.t.Helper()
	f.await("the standby has everything", f.primary,
		`SELECT coalesce(bool_and(replay_lsn = pg_current_wal_lsn()), false) FROM pg_stat_replication`)
}

func (f *pair) await(what string, c *postgrestest.Cluster, question string) {
	f.x.t.Helper()
	db := c.Open(f.x.t, "postgres")
	defer func() { _ = db.Close() }()
	f.x.until(10*time.Second, what, func() (yes bool) {
		return db.QueryRowContext(f.x.t.Context(), question).Scan(&yes) == nil && yes
	})
}

// failover kills the primary, and the standby takes over.
func (f *pair) failover() (up time.Time) {
	f.x.t.Helper()
	f.primary.Kill()
	down := time.Now()
	f.standby.Promote(f.x.t)
	f.x.note("promoted_after_ms", time.Since(down).Milliseconds())
	return time.Now()
}

// FI-09, synchronous: whatever was acknowledged is on the standby, so a used
// code is never right again and a revoked session never comes back. While the
// standby is away nothing is acknowledged.
func TestFailoverSynchronous(t *testing.T) {
	t.Parallel() // it mostly waits
	x := begin(t, "FI-09 synchronous")
	f := newPair(x)
	set(t, f.primary, "synchronous_commit", "remote_apply")
	set(t, f.primary, "synchronous_standby_names", "standby")
	f.await("the standby is synchronous", f.primary, `SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication`)
	a, b := f.world.start(), f.world.start()
	l := x.press(4, a, b)
	p := a.enrol("alice", 1)
	revoked, unsure := a.mustLogin(p), a.mustLogin(p)
	for _, n := range []*node{a, b} {
		for _, token := range []string{revoked, unsure} {
			if status, _ := n.get("/", token); status != http.StatusOK {
				t.Fatalf("a new session gets %d", status)
			}
		}
	}
	a.mustCall("session/revoke", admin.SessionRef{Session: sessionOf(revoked)}, nil)
	wrongCodes(a, p, 5, http.StatusUnauthorized)

	f.part()
	parted := time.Now()
	if a.call("session/revoke", admin.SessionRef{Session: sessionOf(unsure)}, nil) == nil {
		x.violate("a revocation is acknowledged that the standby has not")
	}
	x.until(5*time.Second, "some logins are refused", func() bool { return len(l.between(parted, time.Now())) > 20 })
	for _, answer := range l.between(parted, time.Now()) {
		if answer.login && answer.status == http.StatusCreated {
			x.violate("a login is acknowledged that the standby has not")
		}
	}

	up := f.failover()
	l.heals(up, time.Second)
	fresh := f.world.start() // it remembers nothing
	for i, n := range []*node{a, b, fresh} {
		if status, _ := n.get("/", revoked); status != http.StatusUnauthorized {
			x.violate("node %d gives %d for a revoked session", i, status)
		}
	}
	var d admin.DeviceWithAttempts
	fresh.mustCall("device/show", admin.DeviceRef{Device: p.devices[0].Serial}, &d)
	if d.WrongCodes != 5 {
		x.violate("%d wrong codes are counted, want 5", d.WrongCodes)
	}
	l.calm()
}
