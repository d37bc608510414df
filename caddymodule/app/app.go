// Package app is the Caddy app "doorward": one configuration of the core, over
// an engine that outlives it.
package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
)

func init() { caddy.RegisterModule(new(App)) }

// App is the authentication gateway: where things are kept, and what holds for
// all sites. Sites are set up with the handlers doorward_gate and doorward_api.
type App struct {
	// Where users, devices and sessions are kept. Default: sqlite.
	StoreRaw json.RawMessage `json:"store,omitempty" caddy:"namespace=doorward.stores inline_key=engine"`

	// Keys that seal secrets at rest, 32 bytes in Base64 each, best as
	// placeholders like {file./run/secrets/doorward}. The first seals, all open.
	// Default with sqlite: made once beside the database.
	SealKeys []string `json:"seal_keys,omitempty"`

	// The address that people use, for the issuer of tokens and for links.
	PublicURL string `json:"public_url,omitempty"`

	// How long a token opens the door. Default: 12h, at most 30d.
	TokenLifetime caddy.Duration `json:"token_lifetime,omitempty"`

	// When a session ends at the latest. Default: 12h, or token_lifetime.
	SessionLifetime caddy.Duration `json:"session_lifetime,omitempty"`

	// ES256, EdDSA or RS256. Default: ES256.
	SigningAlgorithm string `json:"signing_algorithm,omitempty"`

	// What happens to known sessions when revocations can't be read for 30
	// seconds: "strict" refuses with 503, "best_effort" lets them pass.
	// Default: strict.
	Stale string `json:"stale,omitempty"`

	ctx    caddy.Context
	guest  authcore.StoreGuest
	keys   [][]byte
	engine *engine
	pooled string
	// started is closed when Start is done, for good or while it tries on.
	started chan struct{}
	core    atomic.Pointer[authcore.Core]
}

// CaddyModule returns the module's ID.
func (*App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward", New: func() caddy.Module { return new(App) }}
}

// Provision checks the settings and takes a share of the engine. It opens and
// writes nothing: Caddy provisions also what is only validated.
func (a *App) Provision(ctx caddy.Context) (err error) {
	a.ctx = ctx
	if err := a.checkSettings(); err != nil {
		return err
	}
	if a.keys, err = sealKeys(a.SealKeys); err != nil {
		return err
	}
	if a.guest, err = a.loadStore(); err != nil {
		return err
	}
	if _, keeps := a.guest.(authcore.SealKeyKeeper); !keeps && len(a.keys) == 0 {
		return fmt.Errorf("seal_key is required with this store: 32 random bytes in Base64, as from 'openssl rand -base64 32'")
	}
	if a.engine, a.pooled, err = shareEngine(a.guest); err != nil {
		return err
	}
	return a.adopt()
}

// adopt takes over an engine that runs already, at a reload: the wrong seal key
// is refused before anything is served, and no request waits for Start.
func (a *App) adopt() error {
	a.started = make(chan struct{})
	store := a.engine.running()
	if store == nil {
		return nil
	}
	ring, err := a.ring()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.ctx, startTime)
	defer cancel()
	core := a.newCore(store, ring)
	if err := core.ProveSeal(ctx); err != nil {
		if authcore.CodeOf(err) == authcore.CodeUnavailable { // Start tries again
			return nil
		}
		return err
	}
	a.core.Store(core)
	return nil
}

func (a *App) loadStore() (authcore.StoreGuest, error) {
	var module any
	var err error
	if a.StoreRaw != nil {
		module, err = a.ctx.LoadModule(a, "StoreRaw")
	} else {
		module, err = a.ctx.LoadModuleByID("doorward.stores.sqlite", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("loading the store: %v", err)
	}
	guest, ok := module.(authcore.StoreGuest)
	if !ok {
		return nil, fmt.Errorf("module %T is not a store: it does not implement authcore.StoreGuest", module)
	}
	return guest, nil
}

// startTime bounds how long a start waits for the database.
const startTime = 5 * time.Second

// Start opens the store and makes the core ready. When the database is away it
// goes on trying while requests are answered with 503; anything else that is
// wrong refuses the configuration.
func (a *App) Start() error {
	defer close(a.started)
	ctx, cancel := context.WithTimeout(a.ctx, startTime)
	defer cancel()
	err := a.prepare(ctx)
	if authcore.CodeOf(err) == authcore.CodeUnavailable {
		a.ctx.Logger().Error("the database is away: answering 503 until it is back: " + err.Error())
		go a.prepareLater()
		return nil
	}
	return err
}

func (a *App) prepare(ctx context.Context) error {
	ring, err := a.ring() // before the store: its key is made only where no data is
	if err != nil {
		return err
	}
	store, err := a.engine.open(ctx, a.guest)
	if err != nil {
		return err
	}
	core := a.newCore(store, ring)
	if err := core.Prepare(ctx); err != nil {
		return err
	}
	a.engine.follow(store)
	a.core.Store(core)
	return nil
}

func (a *App) newCore(store authcore.Store, ring *seal.Ring) *authcore.Core {
	node, _ := os.Hostname() // a gateway without a name is still one
	return authcore.New(authcore.Options{
		Store: store, Live: a.engine.live, Ring: ring, Clock: a.engine.clock, Log: slog.New(currentLog{}), Node: node,
		Issuer: a.issuer(), Label: a.label(),
		TokenLifetime: time.Duration(a.TokenLifetime), SessionLifetime: time.Duration(a.SessionLifetime),
		Algorithm: a.SigningAlgorithm, BestEffort: a.Stale == "best_effort",
	})
}

// ring is made of the configured keys, or of the store's own.
func (a *App) ring() (*seal.Ring, error) {
	keys := a.keys
	if len(keys) == 0 {
		key, err := a.guest.(authcore.SealKeyKeeper).SealKey()
		if err != nil {
			return nil, err
		}
		keys = [][]byte{key}
	}
	return seal.NewRing(keys...)
}

func (a *App) prepareLater() {
	retry := time.NewTicker(time.Second)
	defer retry.Stop()
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-retry.C:
		}
		ctx, cancel := context.WithTimeout(a.ctx, startTime)
		err := a.prepare(ctx)
		cancel()
		if err == nil {
			a.ctx.Logger().Info("the database is back")
			return
		}
		if authcore.CodeOf(err) != authcore.CodeUnavailable {
			a.ctx.Logger().Error("the store can't be used, answering 503: " + err.Error())
			return
		}
	}
}

// waitStart bounds how long a request waits for Start, which Caddy may call
// after the listeners are open.
const waitStart = 2500 * time.Millisecond

// Core gives the services, or CodeUnavailable while the store is not open.
func (a *App) Core(ctx context.Context) (*authcore.Core, error) {
	if core := a.core.Load(); core != nil {
		return core, nil
	}
	ctx, cancel := context.WithTimeout(ctx, waitStart)
	defer cancel()
	select {
	case <-a.started:
	case <-a.ctx.Done():
	case <-ctx.Done():
	}
	if core := a.core.Load(); core != nil {
		return core, nil
	}
	return nil, authcore.Unavailable(nil)
}

// Stop does nothing: requests may still run, and the next configuration may
// share the engine.
func (a *App) Stop() error { return nil }

// Cleanup gives the share of the engine back.
func (a *App) Cleanup() error {
	if a.pooled == "" {
		return nil
	}
	_, err := engines.Delete(a.pooled)
	a.pooled = ""
	return err
}

var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
