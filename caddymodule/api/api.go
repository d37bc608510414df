// Package api is the handler doorward_api: it serves the routes of dialects
// and passes everything else on.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(new(API)) }

// API serves login APIs in the wire languages of existing products.
type API struct {
	// The dialects that are served, in this order.
	DialectsRaw []json.RawMessage `json:"dialects,omitempty" caddy:"namespace=doorward.dialects inline_key=dialect"`

	// The audience of the tokens. Default: doorward.
	Audience string `json:"audience,omitempty"`

	dialects  []dialect.Dialect
	core      app.CoreFunc
	publicURL string
	log       *zap.Logger
}

// CaddyModule returns the module's ID.
func (*API) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.doorward_api", New: func() caddy.Module { return new(API) }}
}

// Provision loads the dialects.
func (a *API) Provision(ctx caddy.Context) error {
	a.log = ctx.Logger()
	if a.Audience == "" {
		a.Audience = app.DefaultAudience
	}
	if err := app.CheckAudience(a.Audience); err != nil {
		return err
	}
	of, err := app.Of(ctx)
	if err != nil {
		return err
	}
	a.core, a.publicURL = of.Core, of.PublicURL
	modules, err := ctx.LoadModule(a, "DialectsRaw")
	if err != nil {
		return fmt.Errorf("loading the dialects: %v", err)
	}
	for _, m := range modules.([]any) {
		d, ok := m.(dialect.Dialect)
		if !ok {
			return fmt.Errorf("module %T is not a dialect: it does not implement dialect.Dialect", m)
		}
		if err := checkCookies(d); err != nil {
			return err
		}
		a.dialects = append(a.dialects, d)
	}
	return nil
}

// Serves says whether a request belongs to a dialect.
func (a *API) Serves(r *http.Request) bool {
	d, _ := a.find(app.Original(r))
	return d != nil
}

// ServeHTTP answers what belongs to a dialect, on the URL as the client sent
// it, and passes the rest on.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	method, u := app.Original(r)
	d, route := a.find(method, u)
	if d == nil {
		return next.ServeHTTP(w, r)
	}
	a.serve(w, r, d, route)
	return nil // an error would carry the URL, with the code in it, into Caddy's log
}

// find gives the dialect that a URL belongs to: by its path, or by any way to
// read that. A client that doubles a slash sends a code all the same, and Caddy's
// log would show it (law 11).
func (a *API) find(method string, u *url.URL) (dialect.Dialect, dialect.Route) {
	if d, route := a.route(method, u.Path); d != nil {
		return d, route
	}
	var room [1]string // a plain path has one reading
	readings := authcore.AppendReadings(room[:0], u.EscapedPath())
	if len(readings) == 1 { // there is no other way to read it
		return nil, dialect.Route{}
	}
	for _, path := range readings {
		if d, route := a.route(method, path); d != nil {
			return d, route
		}
	}
	return nil, dialect.Route{}
}

func (a *API) route(method, path string) (dialect.Dialect, dialect.Route) {
	for _, d := range a.dialects {
		if route, ok := d.Route(method, path); ok {
			return d, route
		}
	}
	return nil, dialect.Route{}
}

// answerTime bounds what the core may take for one answer.
const answerTime = 2500 * time.Millisecond

// serve answers one request of a dialect and writes the line that stands for it
// in the log: Caddy's own would show the URL.
func (a *API) serve(w http.ResponseWriter, r *http.Request, d dialect.Dialect, route dialect.Route) {
	caddyhttp.SetVar(r.Context(), caddyhttp.LogSkipVar, true)
	started, origin := time.Now(), app.Origin(r)
	rec := caddyhttp.NewResponseRecorder(w, nil, nil)
	if err := a.answer(rec, r, d, route, origin); err != nil && route.Fail != nil {
		route.Fail(rec, r, err)
	} else if err != nil {
		d.WriteError(rec, err)
	}
	a.log.Info("handled", zap.String("route", route.Name), zap.String("method", r.Method), zap.Int("status", rec.Status()),
		zap.Duration("duration", time.Since(started)), zap.String("client_ip", origin.Address), zap.String("request_id", origin.RequestID))
}

func (a *API) answer(w http.ResponseWriter, r *http.Request, d dialect.Dialect, route dialect.Route, origin authcore.Origin) (err error) {
	defer func() { // deny is what remains of a panic (law 1)
		if p := recover(); p != nil {
			a.log.Error("panic", zap.String("route", route.Name), zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
			err = authcore.Errorf(authcore.CodeInternal, "internal error")
		}
	}()
	if !app.Secure(r) {
		return &dialect.StatusError{Status: http.StatusForbidden, Err: authcore.Errorf(authcore.CodeForbidden, "one-time passwords are taken over HTTPS only")}
	}
	body, err := readBody(w, r, route.MaxBody)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	core, err := a.core(ctx)
	if err != nil {
		return err
	}
	sent := asSent(r.WithContext(ctx))
	return route.Serve(w, &dialect.Call{
		Request: sent, Body: body, Core: core, Audience: a.Audience, Origin: origin,
		PublicURL: a.publicURL, Encrypted: app.Encrypted(r), Device: credentials.Browser{}.Device(sent), Principal: a.principalOf(sent, d, core),
	})
}

var (
	_ caddy.Provisioner           = (*API)(nil)
	_ caddyhttp.MiddlewareHandler = (*API)(nil)
)
