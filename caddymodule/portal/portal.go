// Package portal is the handler doorward_portal: the pages that a person sees,
// and Doorward's other routes, under /.doorward/. It passes everything else on.
package portal

import (
	"crypto/rand"
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

func init() { caddy.RegisterModule(new(Portal)) }

// Portal serves the pages where people sign in and look after their devices, the
// public keys and the state of the gateway:
//
//	/.doorward/sign-in    and the pages that follow it
//	/.doorward/devices    and the other pages of one's own account
//	/.doorward/browser    where a browser is registered, and approvals, where it is let in
//	/.doorward/style.css  what the pages look like, and logo, if there is one
//	/.doorward/device/…   where devices that answer by themselves call: enrol, waiting, answer
//	/.doorward/jwks.json  the keys that verify tokens (RFC 7517)
//	/.doorward/health     200 while the process answers
//	/.doorward/ready      200 when logins and requests can be decided, else 503
type Portal struct {
	// The audience of the tokens: that of the gate whose people sign in here.
	// Default: doorward.
	Audience string `json:"audience,omitempty"`

	app     *app.App
	prefix  string
	browser credentials.Browser
	log     *zap.Logger

	dialectCookies []string
}

// CaddyModule returns the module's ID.
func (*Portal) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.doorward_portal", New: func() caddy.Module { return new(Portal) }}
}

// Provision finds the app.
func (p *Portal) Provision(ctx caddy.Context) (err error) {
	p.log = ctx.Logger()
	if p.Audience == "" {
		p.Audience = app.DefaultAudience
	}
	if err := app.CheckAudience(p.Audience); err != nil {
		return err
	}
	if p.app, err = app.Of(ctx); err != nil {
		return err
	}
	p.prefix, p.browser = p.app.Pages().Prefix, credentials.Browser{Domain: p.app.CookieDomain}
	return nil
}

// TakeFrom makes the pages know who is signed in also by cookies of these names, as
// the gate does: or each would lead to the other without end. It comes before the
// first request.
func (p *Portal) TakeFrom(dialectCookies []string) { p.dialectCookies = dialectCookies }

// Serves says whether a request is for a route under the prefix, on the URL as
// the client sent it.
func (p *Portal) Serves(r *http.Request) bool {
	_, url := app.Original(r)
	return strings.HasPrefix(url.Path, p.prefix)
}

// ServeHTTP answers what it serves, and passes the rest on.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	method, url := app.Original(r)
	name, ours := strings.CutPrefix(url.Path, p.prefix)
	if !ours {
		return next.ServeHTTP(w, r)
	}
	defer func() { // deny is what remains of a panic (law 1)
		if panicked := recover(); panicked != nil {
			p.log.Error("panic", zap.Any("panic", panicked), zap.ByteString("stack", debug.Stack()))
			dialect.WriteJSON(w, http.StatusInternalServerError, map[string]string{"status": "internal error"})
		}
	}()
	pages.Harden(w.Header(), rand.Text()) // every answer: a page says its own nonce later
	if app.Encrypted(r) {                 // over plain HTTP it must not be sent (RFC 6797 section 7.2)
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	if call, ok := deviceCalls[name]; ok {
		p.deviceCall(w, r, name, call)
		return nil
	}
	answer := state[name]
	if answer == nil {
		answer = assets[name]
	}
	switch {
	case answer == nil:
		p.visit(w, r, name)
	case method != http.MethodGet && method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		dialect.WriteJSON(w, http.StatusMethodNotAllowed, map[string]string{"status": "only GET and HEAD"})
	default:
		answer(p, w, r)
	}
	return nil
}

// audience is that of the sessions that the pages make. With one login for all
// hosts it is the same everywhere: a site with an audience of its own gets a token
// of such a session.
func (p *Portal) audience() string {
	if p.browser.Domain != "" {
		return app.DefaultAudience
	}
	return p.Audience
}

// attempt is a login through the pages. It ends the session that this browser has
// (SES-03). One in a registered browser is bound to that.
func (v *visit) attempt() authcore.Attempt {
	a := authcore.Attempt{
		Audience: v.audience(), ClientID: authcore.DoorPortal, From: app.Origin(v.r),
		Language: v.r.Header.Get("Accept-Language"), Agent: v.r.UserAgent(), Device: v.browser.Device(v.r),
	}
	if v.signedIn != nil {
		a.Replaces = v.signedIn.SessionID
	}
	return a
}

var (
	_ caddy.Provisioner           = (*Portal)(nil)
	_ caddyhttp.MiddlewareHandler = (*Portal)(nil)
)
