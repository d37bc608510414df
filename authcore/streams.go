package authcore

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrRevoked is the cause with which the context of an open request ends when
// its principal was revoked, or when the token, or a browser's session, expired.
var ErrRevoked = errors.New("the session was revoked or has expired")

// Streams knows the requests that are being answered, so that WebSockets and
// long answers end when their principal does.
type Streams struct {
	mu   sync.Mutex
	open map[*Stream]struct{}
}

// Stream is a request that is being answered. Who answers it gives it room, so
// that it costs nothing beside what the request has anyway.
type Stream struct {
	streams   *Streams
	principal *Principal
	cancel    context.CancelCauseFunc
}

// attach gives a context that ends with p, or with s.
func (all *Streams) attach(ctx context.Context, s *Stream, p *Principal) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	*s = Stream{all, p, cancel}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.open == nil {
		all.open = map[*Stream]struct{}{}
	}
	all.open[s] = struct{}{}
	return ctx
}

// End is called when the answer is complete.
func (s *Stream) End() {
	s.streams.mu.Lock()
	delete(s.streams.open, s)
	s.streams.mu.Unlock()
	s.cancel(nil)
}

// sweep ends what may no longer be open.
func (all *Streams) sweep(v *View, now time.Time) {
	all.end(func(p *Principal) bool { return v.behind(p) || !now.Before(p.ends) })
}

// EndAll ends every open request: nobody would sweep them any more.
func (all *Streams) EndAll() { all.end(func(*Principal) bool { return true }) }

func (all *Streams) end(which func(*Principal) bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for s := range all.open {
		if which(s.principal) {
			s.cancel(ErrRevoked)
		}
	}
}
