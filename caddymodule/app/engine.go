package app

import (
	"context"
	"log/slog"
	"sync"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
)

// engines are shared by configurations that use the same store, so that a
// reload starts warm and nothing closes under a running request.
var engines = caddy.NewUsagePool()

// engine is a store with what is known about it in memory.
type engine struct {
	live  *authcore.Live
	clock authcore.Clock

	mu        sync.Mutex
	store     authcore.Store // nil until opened
	following context.CancelFunc
	followed  chan struct{}
}

// shareEngine takes a share; engines.Delete(key) gives it back.
func shareEngine(guest authcore.StoreGuest) (*engine, string, error) {
	key := guest.StoreKey()
	value, _, err := engines.LoadOrNew(key, func() (caddy.Destructor, error) {
		e := &engine{live: authcore.NewLive(), clock: authcore.SystemClock{}}
		return e, nil
	})
	if err != nil {
		return nil, "", err
	}
	return value.(*engine), key, nil
}

// open opens the store once.
func (e *engine) open(ctx context.Context, guest authcore.StoreGuest) (authcore.Store, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.store != nil {
		return e.store, nil
	}
	store, err := guest.OpenStore(ctx)
	if err != nil {
		return nil, err
	}
	e.store = store
	return store, nil
}

// running is the store, or nil while it was never opened.
func (e *engine) running() authcore.Store {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.store
}

// follow keeps the view fresh until the engine ends; once.
func (e *engine) follow(store authcore.Store) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.following != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.following, e.followed = cancel, make(chan struct{})
	go func() {
		defer close(e.followed)
		e.live.Run(ctx, store, e.clock, slog.New(currentLog{}))
	}()
}

// Destruct ends the engine when no configuration uses it any more.
func (e *engine) Destruct() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.following != nil {
		e.following()
		<-e.followed
	}
	if e.store == nil {
		return nil
	}
	return e.store.Close()
}

var _ caddy.Destructor = (*engine)(nil)
