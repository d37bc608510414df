package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-05, short: PostgreSQL freezes under load.
func TestFrozenDatabase(t *testing.T) {
	t.Parallel() // it mostly waits
	frozenDatabase(t, 4*time.Second, time.Second)
}

func frozenDatabase(t *testing.T, hold, quiet time.Duration) {
	x := begin(t, "FI-05")
	pg := postgrestest.Start(t)
	w := newWorld(t, "postgres "+pg.Database(t))
	n := w.start()
	victim := n.enrol("victim", 1)
	stranger := n.mustLogin(victim) // this session was never seen by the gate
	wrongCodes(n, victim, 5, http.StatusUnauthorized)
	l := x.press(4, n)
	x.wait(time.Second)

	before := n.footprint()
	pg.Freeze()
	down := time.Now()
	for time.Since(down) < hold {
		wrongCodes(n, victim, 1, http.StatusServiceUnavailable)
		began := time.Now()
		if status, _ := n.get("/", stranger); status != http.StatusServiceUnavailable {
			x.violate("a session that can't be looked up gets %d", status)
		}
		x.took(time.Since(began), 3*time.Second, "a page of an unknown session")
		if status, _ := n.get("/.doorward/health", ""); status != http.StatusOK {
			x.violate("health says %d", status)
		}
	}
	if n.ready() {
		x.violate("ready, with a frozen database")
	}
	x.flat("frozen", before, n.footprint())
	frozen := time.Now()
	pg.Thaw()
	l.heals(time.Now(), quiet)
	x.flat("after", before, n.footprint())

	counts := map[int]int{}
	for _, a := range l.between(down, frozen) {
		counts[a.status]++
		want := http.StatusOK
		switch {
		case a.login, a.began.Sub(down) > authcore.StaleAfter+time.Second:
			want = http.StatusServiceUnavailable
		case a.began.Sub(down) > authcore.StaleAfter-3*time.Second:
			continue // somewhere here the view goes stale
		}
		if a.status != want {
			x.violate("login %v, %s after the freeze: %d, want %d", a.login, a.began.Sub(down), a.status, want)
		}
	}
	x.note("while_frozen", counts)
	l.calm()

	// No counter was lost: five wrong ones before, and none that was not looked at.
	var d admin.DeviceWithAttempts
	n.mustCall("device/show", admin.DeviceRef{Device: victim.devices[0].Serial}, &d)
	if d.WrongCodes != 5 {
		x.violate("%d wrong codes are counted, want 5", d.WrongCodes)
	}
	wrongCodes(n, victim, 5, http.StatusUnauthorized)
	if status, _ := n.login(victim, victim.devices[0].code()); status != http.StatusTooManyRequests {
		x.violate("after ten wrong codes the right one gets %d", status)
	}
}

// wrongCodes posts some, and wants a status.
func wrongCodes(n *node, p *person, times, want int) {
	n.t.Helper()
	for range times {
		if status, _ := n.login(p, p.devices[0].codeAt(1<<40)); status != want {
			n.t.Errorf("a wrong code gets %d, want %d", status, want)
		}
	}
}

// wait lets the load run.
func (x *experiment) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}
