package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-07, short: the database hears the node and its answers are lost, so that
// what was asked may have been done.
func TestLostAnswers(t *testing.T) {
	t.Parallel() // it mostly waits
	x := begin(t, "FI-07")
	storm(x, map[string]weather{"lost_answers": {down: true}}, 4*time.Second, time.Second)
}

// storm puts one node behind a proxy and another one beside it, at the same
// database, and has the first one suffer each weather. Codes go to both in turn.
func storm(x *experiment, weathers map[string]weather, hold, quiet time.Duration) {
	t := x.t
	t.Helper()
	pg := postgrestest.Start(t)
	dsn := pg.Database(t)
	p := newProxy(t, pg.Port)
	w := newWorld(t, "postgres {env.DSN}")
	near, far := w.prepare(), w.prepare()
	near.env, far.env = []string{"DSN=" + dsn}, []string{"DSN=" + p.through(dsn)}
	for _, n := range []*node{near, far} {
		n.run()
		n.awaitReady()
	}
	l := x.press(4, near, far)
	before := far.footprint()
	for name, bad := range weathers {
		x.wait(500 * time.Millisecond)
		p.set(bad)
		if bad.refuse {
			p.cut()
		}
		began := time.Now()
		x.wait(hold)
		ended := time.Now()
		x.flat(name+"_footprint", before, far.footprint())
		p.set(fair)
		counts := map[int]int{}
		for _, a := range l.between(began, ended) {
			switch {
			case a.login && a.node == 1:
				counts[a.status]++
				if a.status != http.StatusServiceUnavailable && !(a.status == http.StatusUnauthorized && a.began.Sub(began) < time.Second) {
					x.violate("%s: a login gets %d", name, a.status)
				}
			case !a.login && a.status != http.StatusOK:
				x.violate("%s: node %d: a page gets %d", name, a.node, a.status)
			}
		}
		x.note(name, counts)
		l.heals(ended, quiet)
	}
	x.flat("after", before, far.footprint())
	l.calm()
}
