package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
)

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
		a.log.Error("the database is away, logins get 503 until it is back: " + err.Error())
		go a.prepareLater()
		err = nil
	}
	if err == nil {
		a.listen()
	}
	return err
}

func (a *App) prepare(ctx context.Context) error {
	store, err := a.engine.open(ctx, func(ctx context.Context) (authcore.Store, error) {
		if _, err := a.ring(); err != nil { // before the store: its key is made only where no data is
			return nil, err
		}
		return a.guest.OpenStore(ctx)
	})
	if err != nil {
		return err
	}
	ring, err := a.ring()
	if err != nil {
		return err
	}
	core := a.newCore(store, ring)
	if err := core.Prepare(ctx); err != nil {
		return err
	}
	a.engine.prove(ring)
	a.engine.follow(store)
	a.core.Store(core)
	return nil
}

// adopt takes over an engine that runs already, at a reload: the wrong seal key
// is refused before anything is served, and no request waits for Start. A ring
// that was proven before is good also while the store is away.
func (a *App) adopt() error {
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
	switch err := core.ProveSeal(ctx); {
	case err == nil, authcore.CodeOf(err) == authcore.CodeUnavailable && a.engine.wasProven(ring):
		a.core.Store(core)
		return nil
	case authcore.CodeOf(err) == authcore.CodeUnavailable: // Start tries again
		return nil
	default:
		return err
	}
}

func (a *App) newCore(store authcore.Store, ring *seal.Ring) *authcore.Core {
	host, _ := os.Hostname() // a gateway without a name is still one
	node := fmt.Sprintf("%s:%d", host, os.Getpid())
	return authcore.New(authcore.Options{
		Store: store, Live: a.engine.live, Ring: ring, Clock: a.engine.clock, Log: a.log, Node: node,
		Issuer: a.Issuer(), Label: a.label(),
		TokenLifetime: time.Duration(a.TokenLifetime), SessionLifetime: time.Duration(a.SessionLifetime),
		Algorithm: a.SigningAlgorithm, BestEffort: a.Stale == "best_effort",
		Channels: a.channels, Voice: a.voice, Factors: a.Factors, InviteFirst: a.FirstDevice == "invite",
		Identities: a.identities, Verifier: a.verifier, PublicURL: a.PublicURL, Prefix: a.pages.Prefix, Idle: time.Duration(a.Idle), OneLogin: a.CookieDomain != "",
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
			a.log.Info("the database is back")
			return
		}
		if authcore.CodeOf(err) != authcore.CodeUnavailable {
			a.log.Error("the store can't be used, answering 503: " + err.Error())
			return
		}
	}
}
