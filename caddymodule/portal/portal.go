// Package portal is the handler doorward_portal: Doorward's own routes under
// /.doorward/. It passes everything else on.
package portal

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(new(Portal)) }

// Prefix is where Doorward's own routes are.
const Prefix = "/.doorward/"

// Portal serves the public keys and the state of the gateway:
//
//	/.doorward/jwks.json  the keys that verify tokens (RFC 7517)
//	/.doorward/health     200 while the process answers
//	/.doorward/ready      200 when logins and requests can be decided, else 503
type Portal struct {
	core app.CoreFunc
	log  *zap.Logger
}

// CaddyModule returns the module's ID.
func (*Portal) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.doorward_portal", New: func() caddy.Module { return new(Portal) }}
}

// Provision finds the app.
func (p *Portal) Provision(ctx caddy.Context) (err error) {
	p.log = ctx.Logger()
	p.core, err = app.CoreOf(ctx)
	return err
}

// Serves says whether a request is for a route under the prefix, on the URL as
// the client sent it.
func (*Portal) Serves(r *http.Request) bool {
	_, url := app.Original(r)
	return strings.HasPrefix(url.Path, Prefix)
}

// ServeHTTP answers what it serves, and passes the rest on.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	method, url := app.Original(r)
	name, ours := strings.CutPrefix(url.Path, Prefix)
	if !ours {
		return next.ServeHTTP(w, r)
	}
	defer func() { // deny is what remains of a panic (law 1)
		if panicked := recover(); panicked != nil {
			p.log.Error("panic", zap.Any("panic", panicked), zap.ByteString("stack", debug.Stack()))
			dialect.WriteJSON(w, http.StatusInternalServerError, map[string]string{"status": "internal error"})
		}
	}()
	answer := map[string]func(http.ResponseWriter, *http.Request){"jwks.json": p.jwks, "health": health, "ready": p.ready}[name]
	switch {
	case answer == nil:
		dialect.WriteJSON(w, http.StatusNotFound, map[string]string{"status": "there is nothing here"})
	case method != http.MethodGet && method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		dialect.WriteJSON(w, http.StatusMethodNotAllowed, map[string]string{"status": "only GET and HEAD"})
	default:
		answer(w, r)
	}
	return nil
}

func (p *Portal) jwks(w http.ResponseWriter, r *http.Request) {
	core, err := p.core(r.Context())
	var set []byte
	if err == nil {
		set, err = core.Keys.JWKS()
	}
	if err != nil {
		away(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(authcore.JWKSMaxAge/time.Second)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(set)
}

func health(w http.ResponseWriter, _ *http.Request) {
	dialect.WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (p *Portal) ready(w http.ResponseWriter, r *http.Request) {
	core, err := p.core(r.Context())
	remark := ""
	if err == nil {
		remark, err = core.Ready()
	}
	if err != nil {
		away(w, err)
		return
	}
	answer := map[string]string{"status": "ok"}
	if remark != "" {
		answer["remark"] = remark
	}
	dialect.WriteJSON(w, http.StatusOK, answer)
}

func away(w http.ResponseWriter, err error) {
	w.Header().Set("Retry-After", "1")
	dialect.WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"status": authcore.MessageOf(err)})
}

var (
	_ caddy.Provisioner           = (*Portal)(nil)
	_ caddyhttp.MiddlewareHandler = (*Portal)(nil)
)
