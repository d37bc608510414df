package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// counter plays tries against one key.
type counter struct {
	t     *testing.T
	store authcore.Store
	key   authcore.AttemptKey
	limit authcore.AttemptLimit
}

func newCounter(t *testing.T, open Open, limit authcore.AttemptLimit) counter {
	key := authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d1"}
	return counter{t, open(t, Opts{}), key, limit}
}

func (c counter) reserve(at time.Time, want bool) {
	c.t.Helper()
	won(c.t, c.store, want, "try at "+at.Format(time.TimeOnly), func(tx authcore.Tx) (bool, error) {
		return tx.Reserve(c.key, c.limit, at)
	})
}

func (c counter) refund() {
	c.t.Helper()
	write(c.t, c.store, func(tx authcore.Tx) error { return tx.Refund(c.key) })
}

func (c counter) lift() {
	c.t.Helper()
	write(c.t, c.store, func(tx authcore.Tx) error { return tx.Lift(c.key) })
}

func (c counter) succeed() {
	c.t.Helper()
	write(c.t, c.store, func(tx authcore.Tx) error { return tx.Succeed(c.key) })
}

func (c counter) state(failures, total int, paused time.Time) {
	c.t.Helper()
	read(c.t, c.store, func(tx authcore.Tx) error {
		got, err := tx.Attempts(c.key)
		same(c.t, "Attempts", got, authcore.Attempts{Failures: failures, Total: total, PausedUntil: paused})
		return err
	})
}

var (
	unpaused time.Time
	three    = authcore.AttemptLimit{InARow: 3, Window: 10 * time.Minute, Pause: 5 * time.Minute}
)

func triesInARow(t *testing.T, open Open) {
	c := newCounter(t, open, three)
	c.state(0, 0, unpaused)
	c.reserve(start, true)
	c.reserve(start, true)
	c.state(2, 2, unpaused)
	c.reserve(start, true)
	over := start.Add(5 * time.Minute)
	c.state(3, 3, over)
	c.reserve(start, false)
	c.reserve(over.Add(-time.Millisecond), false)
	c.state(3, 3, over) // a refused try lengthens nothing
	c.reserve(over, true)
	c.state(1, 4, unpaused)
	other := c
	other.key.Kind = authcore.AttemptPassword
	other.state(0, 0, unpaused)
	other.key = authcore.AttemptKey{Kind: c.key.Kind, Subject: "d2"}
	other.limit.InARow = 1 // the first try pauses at once
	other.reserve(start, true)
	other.state(1, 1, over)
	other.reserve(start, false)
	other.reserve(over, true)
	other.state(1, 2, over.Add(5*time.Minute))
}

func triesAndClock(t *testing.T, open Open) {
	c := newCounter(t, open, three)
	c.reserve(start, true)
	c.reserve(start.Add(10*time.Minute), true) // just within the window
	c.state(2, 2, unpaused)
	c.reserve(start.Add(20*time.Minute+time.Millisecond), true) // just outside
	c.state(1, 3, unpaused)
	back := start.Add(-time.Hour) // the clock is set back: the run goes on
	c.reserve(back, true)
	c.reserve(back, true)
	c.state(3, 5, back.Add(5*time.Minute))
	c.reserve(back.Add(-time.Hour), false) // and so does the pause
	c.state(3, 5, back.Add(5*time.Minute))
}

func triesTakenBack(t *testing.T, open Open) {
	c := newCounter(t, open, three)
	c.refund() // of nothing
	c.succeed()
	c.state(0, 0, unpaused)
	c.reserve(start, true)
	c.refund()
	c.refund()
	c.state(0, 0, unpaused)
	for range 3 {
		c.reserve(start, true)
	}
	c.state(3, 3, start.Add(5*time.Minute))
	c.refund() // one of the three was not wrong: two don't make a pause
	c.state(2, 2, unpaused)
	c.reserve(start, true) // the next wrong one does
	c.state(3, 3, start.Add(5*time.Minute))
	c.reserve(start, false)
	c.succeed()
	c.state(0, 2, unpaused)
	c.reserve(start, true)
	c.state(1, 3, unpaused)
}

// triesLifted: a pause ends, and every wrong try stays counted in all.
func triesLifted(t *testing.T, open Open) {
	limit := three
	limit.Cap = 5
	c := newCounter(t, open, limit)
	c.lift() // of nothing
	c.state(0, 0, unpaused)
	for range 3 {
		c.reserve(start, true)
	}
	c.reserve(start, false)
	c.lift()
	c.state(0, 3, unpaused)
	c.reserve(start, true)
	c.reserve(start, true)
	c.lift()
	c.state(0, 5, unpaused)
	c.reserve(start, false) // the cap is no pause
}

func triesInAll(t *testing.T, open Open) {
	limit := three
	limit.InARow, limit.Cap = 100, 4
	c := newCounter(t, open, limit)
	for range 3 {
		c.reserve(start, true)
		c.reserve(start, true)
		c.succeed() // ends the run, but forgives only itself
	}
	c.state(0, 3, unpaused)
	c.reserve(start, true)
	c.reserve(start, false)
	c.reserve(start.Add(365*24*time.Hour), false) // for good
	c.state(1, 4, unpaused)
	c.refund()
	c.reserve(start, true)
	c.limit.Cap = 0
	c.reserve(start, true)
	c.state(2, 5, unpaused)
}
