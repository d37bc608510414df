package faults

import (
	"context"
	"database/sql"
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-08: another program locks the tables for a while.
func TestLockedTables(t *testing.T) {
	t.Parallel() // it mostly waits
	x := begin(t, "FI-08 lock")
	pg := postgrestest.Start(t)
	w := newWorld(t, "postgres "+pg.Database(t))
	n := w.start()
	l := x.press(4, n)
	x.wait(500 * time.Millisecond)
	tx, err := pg.Open(t, "test1").BeginTx(t.Context(), nil)
	if err == nil {
		_, err = tx.ExecContext(t.Context(), `LOCK TABLE users, user_names, devices, sessions, attempts, epochs`)
	}
	if err != nil {
		t.Fatal(err)
	}
	refusesUntil(x, l, 5*time.Second, func() { _ = tx.Rollback() }) // longer than any answer may take
	l.calm()
}

// FI-08: other programs take every connection of the server, after the node has
// lost its own; another node starts meanwhile.
func TestNoConnectionLeft(t *testing.T) {
	t.Parallel() // it mostly waits
	x := begin(t, "FI-08 connections")
	pg := postgrestest.Start(t, "max_connections = 30")
	w := newWorld(t, "postgres "+pg.Database(t))
	n, late := w.start(), w.prepare()
	l := x.press(4, n)
	x.wait(500 * time.Millisecond)
	release := exhaust(x, pg)
	late.run()
	refusesUntil(x, l, 3*time.Second, func() {
		if status, _ := late.login(l.people[0], "123456"); status != http.StatusServiceUnavailable {
			x.violate("a login at a node that found no connection: %d", status)
		}
		release()
	})
	x.note("late_node_ready_after_ms", x.until(7*time.Second, "the late node heals", late.ready).Milliseconds())
	l.calm()
}

// refusesUntil holds what is answered while the database can't be used against
// the limits, ends that, and waits until all is well.
func refusesUntil(x *experiment, l *load, hold time.Duration, release func()) {
	x.t.Helper()
	began := time.Now()
	x.wait(hold)
	ended := time.Now()
	release()
	counts := map[int]int{}
	for _, a := range l.between(began, ended) {
		counts[a.status]++
		if a.login && a.status != http.StatusServiceUnavailable || !a.login && a.status != http.StatusOK {
			x.violate("login %v, %s after it began: %d", a.login, a.began.Sub(began), a.status)
		}
	}
	x.note("meanwhile", counts)
	l.heals(ended, time.Second)
}

// exhaust takes every connection that there is, and then those of the nodes.
func exhaust(x *experiment, pg *postgrestest.Cluster) (release func()) {
	x.t.Helper()
	db := pg.Open(x.t, "postgres")
	var held []*sql.Conn
	take := func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		c, err := db.Conn(ctx)
		if err != nil {
			return false
		}
		held = append(held, c)
		return true
	}
	for take() {
	}
	// A connection that was ended gives its place back a moment later, and a node may be first
	// to take that: it has none when that was so for a while.
	none := 0
	x.until(10*time.Second, "the nodes have no connection", func() bool {
		var left int
		err := held[0].QueryRowContext(context.Background(),
			`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'doorward'`).Scan(&left)
		for take() {
		}
		if none++; err != nil || left != 0 {
			none = 0
		}
		return none == 5
	})
	x.note("held", len(held))
	return func() {
		for _, c := range held {
			_ = c.Close()
		}
		_ = db.Close()
	}
}
