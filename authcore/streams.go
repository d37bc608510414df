package authcore

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrRevoked is the cause with which the context of an open request ends when
// its principal was revoked or expired.
var ErrRevoked = errors.New("the session was revoked or has expired")

// Streams knows the requests that are being answered, so that WebSockets and
// long answers end when their principal does.
type Streams struct {
	mu   sync.Mutex
	open map[*stream]struct{}
}

type stream struct {
	principal *Principal
	cancel    context.CancelCauseFunc
}

// attach gives a context that ends with p. The caller must call done.
func (s *Streams) attach(ctx context.Context, p *Principal) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	entry := &stream{p, cancel}
	s.mu.Lock()
	if s.open == nil {
		s.open = map[*stream]struct{}{}
	}
	s.open[entry] = struct{}{}
	s.mu.Unlock()
	return ctx, func() {
		s.mu.Lock()
		delete(s.open, entry)
		s.mu.Unlock()
		cancel(nil)
	}
}

// sweep ends what may no longer be open.
func (s *Streams) sweep(v *View, now time.Time) {
	s.end(func(p *Principal) bool { return v.behind(p) || !now.Before(p.ExpiresAt) })
}

// EndAll ends every open request: nobody would sweep them any more.
func (s *Streams) EndAll() { s.end(func(*Principal) bool { return true }) }

func (s *Streams) end(which func(*Principal) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for entry := range s.open {
		if which(entry.principal) {
			entry.cancel(ErrRevoked)
		}
	}
}
