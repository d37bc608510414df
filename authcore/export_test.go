package authcore

import (
	"context"
	"log/slog"
	"time"
)

// Forgetful makes a Live that remembers two tokens at most.
func (l *Live) Forgetful() { l.tokens = newTokenCache(1) }

// Settle waits until nobody is being told of a change.
func (l *Live) Settle() { l.FillTelling()() }

// FillTelling takes every place of who is being told until the function that it
// gives is called.
func (l *Live) FillTelling() (empty func()) {
	for range cap(l.telling) {
		l.telling <- struct{}{}
	}
	return func() {
		for range cap(l.telling) {
			<-l.telling
		}
	}
}

// FillRestoring takes every place of a password that is being restored, when the last is
// free, until the function that it gives is called.
func (l *Live) FillRestoring() (empty func()) {
	for range cap(l.restoring) {
		l.restoring <- struct{}{}
	}
	return func() {
		for range cap(l.restoring) {
			<-l.restoring
		}
	}
}

// Fill makes the queue full until the function that it gives is called.
func (h *Hasher) Fill() (empty func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting += maxWaiting
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.waiting -= maxWaiting
	}
}

// FillShare takes the whole share of a caller until the function that it gives is
// called.
func (h *Hasher) FillShare(caller string) (empty func()) {
	for range maxWaitingCaller {
		h.queue(caller)
	}
	return func() {
		for range maxWaitingCaller {
			h.leave(caller)
		}
	}
}

// Record commits e as a service does.
func (c *Core) Record(ctx context.Context, e Event) error {
	return c.write(ctx, func(tx *journal) error { return c.record(tx, e) })
}

// Deliveries is how many messages there may be on their way.
const Deliveries = deliveries

// Prune is one of what Run does each hour, until there is no more.
func (l *Live) Prune(ctx context.Context, store Store, now time.Time, log *slog.Logger) (done bool) {
	return l.prune(ctx, store, now, log)
}

// UserID is who showed the primary secret.
func (v *Verified) UserID() string { return v.user.ID }
