package authcore

import (
	"context"
	"sync"
	"time"
)

// writes remembers the last one that failed: a full disk can be read, and still
// no login can be decided.
type writes struct {
	mu     sync.Mutex
	failed time.Time // zero: the last one was good
}

func (w *writes) note(failed time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = failed
}

func (w *writes) failedWithin(d time.Duration, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.failed.IsZero() && now.Sub(w.failed) <= d
}

// watched is a Store whose writes are noted.
type watched struct {
	Store
	live  *Live
	clock Clock
}

// Write notes what came of it, unless the caller went away.
func (w watched) Write(ctx context.Context, fn func(Tx) error) error {
	err := w.Store.Write(ctx, fn)
	switch {
	case err == nil:
		w.live.writes.note(time.Time{})
	case CodeOf(err) == CodeUnavailable && ctx.Err() == nil:
		w.live.writes.note(w.clock.Now())
	}
	return err
}
