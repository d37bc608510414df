// Package gate is the handler doorward_gate: it refuses a request, or passes it
// on with a clean, proven identity.
package gate

import (
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/pages"
)

func init() { caddy.RegisterModule(new(Gate)) }

// Gate lets nobody through to the handlers after it without a token, except to
// the paths that are open. The app sees who it is in headers, and requests
// carry these placeholders:
//
//	{http.auth.user.id}       the user's name
//	{http.auth.user.uuid}     the user's ID
//	{http.auth.user.email}    his e-mail address
//	{http.auth.user.groups}   his groups, separated by commas
//	{http.auth.user.tenant}   his tenant
//	{http.auth.user.device}   the ID of the device whose code he used
//	{http.auth.user.session}  the ID of his session
//
// The token is taken from Authorization, raw or as Bearer, from Proxy-Authorization
// as Bearer, and from the cookie __Host-doorward; with cookie_domain also from
// __Secure-doorward. In the handler doorward it is also
// taken from the cookies of its dialects; a gate alone knows no dialect, and so no
// such cookie.
type Gate struct {
	// Tokens made for another audience are refused. Default: doorward.
	Audience string `json:"audience,omitempty"`

	// Paths that need no login: /healthz is that path, /public/* all below it.
	Open []authcore.OpenPath `json:"open,omitempty"`

	// What matching requests need beyond a token. All that match apply, also
	// to open paths.
	Require []*Require `json:"require,omitempty"`

	// The headers that tell the app who it is.
	Headers Headers `json:"headers,omitzero"`

	// Pass the token on to the app.
	PassToken bool `json:"pass_token,omitempty"`

	// Origins like https://spa.example.com whose pages may ask: their CORS
	// preflights pass to the app without a login, and they can read a refusal.
	// Default: none.
	AllowOrigin []string `json:"allow_origin,omitempty"`

	owned          owned
	dialectCookies []string
	portal         bool   // stands before this gate
	prefix         string // of its pages; empty: there are none here
	pages          *pages.Pages
	browser        credentials.Browser
	core           app.CoreFunc
	log            *zap.Logger
}

// CaddyModule returns the module's ID.
func (*Gate) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.doorward_gate", New: func() caddy.Module { return new(Gate) }}
}

// Provision loads the matchers and checks the settings.
func (g *Gate) Provision(ctx caddy.Context) (err error) {
	g.log = ctx.Logger()
	if g.Audience == "" {
		g.Audience = app.DefaultAudience
	}
	for _, o := range g.Open {
		if err := o.Check(); err != nil {
			return fmt.Errorf("open: %s", authcore.MessageOf(err))
		}
	}
	for _, r := range g.Require {
		if err := r.provision(ctx); err != nil {
			return err
		}
	}
	if err := g.Headers.provision(); err != nil {
		return err
	}
	if err := g.checkAudience(); err != nil {
		return err
	}
	for _, origin := range g.AllowOrigin {
		if err := checkOrigin(origin); err != nil {
			return err
		}
	}
	g.owned = g.Headers.owned()
	of, err := app.Of(ctx)
	if err != nil {
		return err
	}
	g.core, g.pages, g.browser = of.Core, of.Pages(), credentials.Browser{Domain: of.CookieDomain}
	if g.portal {
		g.prefix = g.pages.Prefix
	}
	return nil
}

// checkAudience refuses the word for all audiences: a token is for one.
func (g *Gate) checkAudience() error {
	if g.Audience == "*" {
		return fmt.Errorf("audience '*' is none: name this site, or leave it out to share tokens with the others that do")
	}
	return nil
}

// TakeFrom makes the gate take tokens also from cookies of these names, in which
// the clients of dialects keep them. It comes before the first request.
func (g *Gate) TakeFrom(dialectCookies []string) { g.dialectCookies = dialectCookies }

// LeadToPortal makes the gate lead people to the pages where they sign in. It comes
// before Provision.
func (g *Gate) LeadToPortal() { g.portal = true }

// ServeHTTP cleans every request, decides, and refuses or passes on.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	g.owned.clean(r)
	d, err := g.decide(r)
	if err != nil {
		g.refuse(w, r, err)
		return nil
	}
	if d.principal == nil { // an open path
		return next.ServeHTTP(w, r)
	}
	a := g.admit(r, d.gatekeeper, d.principal)
	defer a.stream.End()
	if d.cookies == nil {
		return next.ServeHTTP(w, &a.request)
	}
	answer := &renewing{&caddyhttp.ResponseWriterWrapper{ResponseWriter: w}, d.cookies}
	if err := next.ServeHTTP(answer, &a.request); err != nil {
		return err // the routes of errors answer, and say by themselves who may keep it
	}
	answer.give() // if nothing was written yet
	return nil
}

var (
	_ caddy.Provisioner           = (*Gate)(nil)
	_ caddyhttp.MiddlewareHandler = (*Gate)(nil)
)
