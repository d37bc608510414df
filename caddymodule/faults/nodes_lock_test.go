package faults

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// wrong is a code that d shows neither now nor in its next thousand.
func (d *device) wrong() string {
	shown := map[string]bool{}
	for c := range uint64(1000) {
		shown[d.codeAt(d.next.Load()+c)] = true
	}
	for c := uint64(1 << 20); ; c++ {
		if code := d.codeAt(c); !shown[code] {
			return code
		}
	}
}

// tries are the wrong codes of d, in a row and in all, as the table counts them.
func (w *world) tries(d *device) (inARow, total int) {
	w.t.Helper()
	const of = ` FROM attempts WHERE kind = 'device' AND subject = $1`
	return w.count(`SELECT COALESCE(MAX(failures), 0)`+of, d.ID), w.count(`SELECT COALESCE(MAX(total), 0)`+of, d.ID)
}

// One lock and one count for all nodes, which neither a restart nor a reload
// clears: five wrong codes here and five there pause the device everywhere.
func TestOneLockOneCount(t *testing.T) {
	x := begin(t, "nodes-lock")
	w, nodes := threeNodes(t)
	a, b, c := nodes[0], nodes[1], nodes[2]
	p := a.enrol("alice", 1)
	d := p.devices[0]
	refused := func(n *node, code, what string, want int) {
		t.Helper()
		if status, _ := n.login(p, code); status != want {
			x.violate("%s gives %d", what, status)
		}
		x.ack()
	}
	for range 5 {
		refused(a, d.wrong(), "a wrong code", http.StatusUnauthorized)
	}
	a.kill()
	a.run()
	b.reconfigure()
	a.awaitReady()
	for range 5 {
		refused(b, d.wrong(), "a wrong code", http.StatusUnauthorized)
	}
	a.reconfigure()
	for _, n := range nodes {
		refused(n, d.code(), "the right code of a paused device", http.StatusTooManyRequests)
	}
	var shown admin.DeviceWithAttempts
	c.mustCall("device/show", admin.DeviceRef{Device: d.Serial}, &shown)
	if shown.PausedUntil.IsZero() || shown.WrongCodes != 10 {
		x.violate("the third node shows %+v", shown)
	}
	if inARow, total := w.tries(d); inARow != 10 || total != 10 {
		x.violate("the table counts %d in a row and %d in all, want 10: a paused device is not tried", inARow, total)
	}

	// Nine at once, spread over the nodes, are nine; the right code then counts none.
	p = b.enrol("bob", 1)
	d = p.devices[0]
	together(9, func(i int) { refused(nodes[i%3], d.wrong(), "a wrong code", http.StatusUnauthorized) })
	if inARow, total := w.tries(d); inARow != 9 || total != 9 {
		x.violate("the table counts %d in a row and %d in all, want 9", inARow, total)
	}
	if status, _ := c.login(p, d.code()); status != http.StatusCreated {
		x.violate("the right code after nine wrong ones gives %d", status)
	}
	if inARow, total := w.tries(d); inARow != 0 || total != 9 {
		x.violate("after a right code the table counts %d in a row and %d in all, want 0 and 9", inARow, total)
	}

	// Of twenty at once ten count, however parallel.
	p = c.enrol("carol", 1)
	d = p.devices[0]
	var answered atomic.Int64
	together(20, func(i int) {
		if status, _ := nodes[i%3].login(p, d.wrong()); status == http.StatusUnauthorized {
			answered.Add(1)
		}
	})
	if inARow, total := w.tries(d); answered.Load() >= 10 && (inARow != 10 || total != 10) {
		x.violate("of twenty at once the table counts %d in a row and %d in all, want 10", inARow, total)
	}
	x.note("parallel_refused", answered.Load())
}
