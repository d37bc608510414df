// Package app is the Caddy app "doorward": one configuration of the core, over
// an engine that outlives it.
package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/pages"
)

func init() { caddy.RegisterModule(new(App)) }

// App is the authentication gateway: where things are kept, and what holds for
// all sites. Sites are set up with the handler doorward, or its parts alone.
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

	// When a session ends at the latest. Default: 12h, or token_lifetime if that is
	// longer.
	SessionLifetime caddy.Duration `json:"session_lifetime,omitempty"`

	// ES256, EdDSA or RS256. Default: ES256.
	SigningAlgorithm string `json:"signing_algorithm,omitempty"`

	// What happens to known sessions when revocations can't be read for 30
	// seconds: "strict" refuses with 503, "best_effort" lets them pass.
	// Default: strict.
	Stale string `json:"stale,omitempty"`

	// What delivers codes to addresses of the kinds "email" and "phone"; "voice"
	// reads those out over the phone that the back end of an app asks for. "http"
	// and "stomp" ask devices that answer, "mobile_application" wakes an app.
	ChannelsRaw map[string]json.RawMessage `json:"channels,omitempty" caddy:"namespace=doorward.channels inline_key=via"`

	// The kinds of devices that satisfy the second factor, in the order in which
	// they are offered: totp, hotp, phone, email, http, stomp, mobile_application.
	// Default: totp, hotp, and phone when there is a channel for it. The others count
	// only when they are named.
	Factors authcore.Factors `json:"factors,omitempty"`

	// Who may enrol a user's first device: "password", whoever knows it, or
	// "invite", nobody without an operator. Default: password.
	FirstDevice string `json:"first_device,omitempty"`

	// Other places that prove who somebody is, in place of a password, by a
	// name of your choice: a-z, 0-9, _ and -.
	IdentitiesRaw map[string]json.RawMessage `json:"identities,omitempty" caddy:"namespace=doorward.identities inline_key=source"`

	// What says whether a picture is of a living person, and of the approver who is to
	// let a device in. Default: nothing, and no picture lets a device in.
	VerifierRaw json.RawMessage `json:"verifier,omitempty" caddy:"namespace=doorward.verifiers inline_key=via"`

	// How long a browser may do nothing before it must sign in again. Default:
	// 30m, or session_lifetime.
	Idle caddy.Duration `json:"idle,omitempty"`

	// A domain all of whose hosts share one login. Default: none, each host has
	// its own.
	CookieDomain string `json:"cookie_domain,omitempty"`

	// The pages that a person sees.
	Portal *pages.Settings `json:"portal,omitempty"`

	ctx    caddy.Context
	log    *slog.Logger
	guest  authcore.StoreGuest
	keys   [][]byte
	engine *engine
	pooled string

	channels   map[authcore.DeviceKind]authcore.Channel
	voice      authcore.Channel
	identities map[string]authcore.IdentitySource
	verifier   authcore.Verifier
	pages      *pages.Pages
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
	// The logger is taken now: Caddy names one by the module that it loads at the
	// moment, and later that is another.
	a.ctx, a.log, a.started = ctx, ctx.Slogger(), make(chan struct{})
	if err := a.checkSettings(); err != nil {
		return err
	}
	if a.keys, err = sealKeys(a.SealKeys); err != nil {
		return err
	}
	if err := a.loadPages(); err != nil {
		return err
	}
	if err := a.loadIdentities(); err != nil {
		return err
	}
	if a.guest, err = a.loadStore(); err != nil {
		return err
	}
	if err := a.loadChannels(); err != nil {
		return err
	}
	if err := a.loadVerifier(); err != nil {
		return err
	}
	if _, keeps := a.guest.(authcore.SealKeyKeeper); !keeps && len(a.keys) == 0 {
		return fmt.Errorf("seal_key is required with this store: 32 random bytes in Base64, as from 'openssl rand -base64 32'")
	}
	if a.engine, a.pooled, err = shareEngine(a.guest); err != nil {
		return err
	}
	a.engine.log.Store(a.log)
	return a.adopt()
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

// waitStart bounds how long a request waits for Start, which Caddy may call
// after the listeners are open.
const waitStart = 900 * time.Millisecond

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
