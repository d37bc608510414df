package authcore

import (
	"context"
	"testing"
	"time"
)

type failingStore struct {
	Store
	err error
}

func (f failingStore) Write(context.Context, func(Tx) error) error { return f.err }

// REL-02: with a disk that can be read and not written no login can be decided,
// and readiness says so.
func TestReadinessKnowsFailedWrites(t *testing.T) {
	now := time.Now()
	live := NewLive()
	live.View.asOf = now
	ready := func() bool {
		_, err := New(Options{Live: live, Clock: fixedClock{now}}).Ready()
		return err == nil
	}
	write := func(ctx context.Context, err error) {
		_ = watched{failingStore{err: err}, live, fixedClock{now}}.Write(ctx, nil)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	write(gone, Unavailable(context.Canceled))
	if !ready() {
		t.Error("a caller who went away made the gateway not ready")
	}
	write(t.Context(), Errorf(CodeConflict, "taken"))
	if !ready() {
		t.Error("a conflict made the gateway not ready")
	}
	write(t.Context(), Unavailable(nil))
	if ready() {
		t.Error("ready after a write that failed")
	}
	write(t.Context(), nil)
	if !ready() {
		t.Error("not ready after a write that went well")
	}
}
