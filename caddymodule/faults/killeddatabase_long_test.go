//go:build faults

package faults

import (
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-06: in turn killed, and shut down at once, for different times.
func TestKilledDatabaseAgainAndAgain(t *testing.T) {
	x := begin(t, "FI-06")
	pg := postgrestest.Start(t)
	w := newWorld(t, "postgres "+pg.Database(t))
	a, b := w.start(), w.start()
	l := x.press(4, a, b)
	before := a.footprint()
	for i, down := range []time.Duration{0, time.Second, 3 * time.Second, 10 * time.Second} {
		for _, end := range []func(){pg.Kill, pg.Immediate} {
			x.wait(time.Second)
			end()
			at := time.Now()
			x.wait(down)
			comesBack(x, l, pg, at, 6*time.Second)
			x.flat("after", before, a.footprint())
		}
		x.note("times_down", 2*(i+1))
	}
	l.calm()
}
