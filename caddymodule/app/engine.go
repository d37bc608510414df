package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
)

// engines are shared by configurations that use the same store, so that a
// reload starts warm and nothing closes under a running request.
var engines = caddy.NewUsagePool()

// engine is a store with what is known about it in memory.
type engine struct {
	live  *authcore.Live
	clock authcore.Clock
	log   atomic.Pointer[slog.Logger] // of the configuration that came last

	mu       sync.Mutex // never held while the store is asked
	opening  chan struct{}
	store    authcore.Store // nil until opened
	failure  error          // of the last opening
	proven   map[string]bool
	stop     context.CancelFunc
	stopped  chan struct{}
	finished bool
}

// shareEngine takes a share; engines.Delete(key) gives it back.
func shareEngine(guest authcore.StoreGuest) (*engine, string, error) {
	key := guest.StoreKey()
	value, _, err := engines.LoadOrNew(key, func() (caddy.Destructor, error) {
		return &engine{live: authcore.NewLive(), clock: authcore.SystemClock{}, proven: map[string]bool{}}, nil
	})
	if err != nil {
		return nil, "", err
	}
	return value.(*engine), key, nil
}

var errFinished = errors.New("the configuration of this store has ended")

// open opens the store once, with a seal key of its own if need be. Opening may
// hang in a system call: it goes on beside, and who comes later waits for it.
func (e *engine) open(ctx context.Context, open func(context.Context) (authcore.Store, error)) (authcore.Store, error) {
	e.mu.Lock()
	if e.finished || e.store != nil {
		defer e.mu.Unlock()
		if e.finished {
			return nil, authcore.Unavailable(errFinished)
		}
		return e.store, nil
	}
	if e.opening == nil {
		e.opening = make(chan struct{})
		go e.openBeside(open, e.opening)
	}
	opening := e.opening
	e.mu.Unlock()
	select {
	case <-opening:
	case <-ctx.Done():
		return nil, authcore.Unavailable(context.Cause(ctx))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.store, e.failure
}

func (e *engine) openBeside(open func(context.Context) (authcore.Store, error), done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	store, err := open(ctx)
	if err != nil {
		store = nil // a guest may give a nil pointer in the interface
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.finished && err == nil { // nobody will close it after us
		_ = store.Close()
		store, err = nil, authcore.Unavailable(errFinished)
	}
	e.store, e.failure, e.opening = store, err, nil
	close(done)
}

// running is the store, or nil while it was never opened.
func (e *engine) running() authcore.Store {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.store
}

// prove remembers that the store opened with this ring; wasProven asks.
func (e *engine) prove(ring *seal.Ring) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.proven[string(ring.Prefix())] = true
}

func (e *engine) wasProven(ring *seal.Ring) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.proven[string(ring.Prefix())]
}

// follow keeps the view fresh until the engine ends; once.
func (e *engine) follow(store authcore.Store) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop != nil || e.finished {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	e.stop, e.stopped = cancel, stopped
	go func() {
		defer close(stopped)
		e.live.Run(ctx, store, e.clock, e.log.Load)
	}()
}

// Destruct ends the engine when no configuration uses it any more.
func (e *engine) Destruct() error {
	e.mu.Lock()
	e.finished = true
	stop, stopped, store := e.stop, e.stopped, e.store
	e.mu.Unlock()
	if stop != nil {
		stop()
		<-stopped
	}
	e.live.Streams.EndAll()
	if store == nil {
		return nil
	}
	return store.Close()
}

var _ caddy.Destructor = (*engine)(nil)
