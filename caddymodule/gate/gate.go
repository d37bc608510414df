// Package gate is the handler doorward_gate: it refuses a request, or passes it
// on with a clean, proven identity.
package gate

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/dialect"
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
// as Bearer, and from the cookie __Host-doorward. In the handler doorward it is also
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

	owned          owned
	dialectCookies []string
	signIn         string // the path of the page; empty: there is none here
	pages          *pages.Pages
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
	g.owned = g.Headers.owned()
	of, err := app.Of(ctx)
	if err != nil {
		return err
	}
	g.core, g.pages = of.Core, of.Pages()
	return nil
}

// TakeFrom makes the gate take tokens also from cookies of these names, in which
// the clients of dialects keep them. It comes before the first request.
func (g *Gate) TakeFrom(dialectCookies []string) { g.dialectCookies = dialectCookies }

// SignInAt makes the gate lead people to the page where they sign in. It comes
// before the first request.
func (g *Gate) SignInAt(path string) { g.signIn = path }

// ServeHTTP cleans every request, decides, and refuses or passes on.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	g.owned.clean(r)
	p, gk, err := g.decide(r)
	if err != nil {
		refuse(w, r, err)
		return nil
	}
	if p == nil { // an open path
		return next.ServeHTTP(w, r)
	}
	a := g.admit(r, gk, p)
	defer a.stream.End()
	return next.ServeHTTP(w, &a.request)
}

// decide gives a principal and who proved him, or no principal for an open
// path, or an error. Whatever goes wrong in it is a refusal (law 1).
func (g *Gate) decide(r *http.Request) (p *authcore.Principal, gk *authcore.Gatekeeper, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			g.log.Error("panic", zap.Any("panic", panicked), zap.ByteString("stack", debug.Stack()))
			p, err = nil, authcore.Errorf(authcore.CodeInternal, "internal error")
		}
	}()
	if err := refusedMethod(r); err != nil {
		return nil, nil, err
	}
	core, away := g.core(r.Context())
	if core != nil {
		gk = core.Gatekeeper
	}
	shown := credentials.Read(r, g.dialectCookies)
	if !g.PassToken {
		defer shown.Strip(gk)
	}
	var room [1]string // a plain path has one reading
	readings := readingsOf(room[:0], r)
	demands, err := g.demands(r, readings)
	if err != nil {
		return nil, nil, err
	}
	open := authcore.IsOpen(g.Open, readings)
	p = g.provenBefore(r)
	if p == nil && open && len(demands) == 0 {
		return nil, nil, nil
	}
	if away != nil {
		return nil, nil, away
	}
	if p == nil {
		if p, err = shown.Principal(r.Context(), gk, g.Audience); err != nil {
			return nil, nil, err
		}
	}
	return p, gk, gk.Decide(open, demands, p)
}

// refusedMethod refuses TRACE, and CONNECT unless it opens a WebSocket over
// HTTP/2 or 3 (RFC 8441).
func refusedMethod(r *http.Request) error {
	method := strings.ToUpper(r.Method) // an app may read it in any case
	if method == http.MethodTrace || method == http.MethodConnect && !credentials.ExtendedConnect(r) {
		return &dialect.StatusError{
			Status: http.StatusMethodNotAllowed, Allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
			Err: authcore.Errorf(authcore.CodeForbidden, "the method %s is not let through", r.Method),
		}
	}
	return nil
}

var (
	_ caddy.Provisioner           = (*Gate)(nil)
	_ caddyhttp.MiddlewareHandler = (*Gate)(nil)
)
