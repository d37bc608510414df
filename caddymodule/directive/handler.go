package directive

import (
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/caddymodule/api"
	"github.com/doorward/doorward/caddymodule/gate"
	"github.com/doorward/doorward/caddymodule/portal"
)

func init() { caddy.RegisterModule(new(Doorward)) }

// Doorward is the whole gateway of a site: the portal, the login APIs and the
// gate, in this order. Each of them is a handler of its own as well; as one they
// cost Caddy less, which wraps every handler anew for every request.
type Doorward struct {
	// Doorward's own routes.
	Portal portal.Portal `json:"portal,omitzero"`

	// Login APIs. Default: none.
	API *api.API `json:"api,omitempty"`

	// Who gets through, and what the app is told.
	Gate gate.Gate `json:"gate,omitzero"`
}

// CaddyModule returns the module's ID.
func (*Doorward) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.doorward", New: func() caddy.Module { return new(Doorward) }}
}

// Provision sets up the three.
func (d *Doorward) Provision(ctx caddy.Context) error {
	if err := d.Portal.Provision(ctx); err != nil {
		return err
	}
	if d.API != nil {
		if err := d.API.Provision(ctx); err != nil {
			return err
		}
		d.Gate.TakeFrom(d.API.CookieNames())
		d.Portal.TakeFrom(d.API.CookieNames())
	}
	d.Gate.LeadToPortal()
	if err := d.Gate.Provision(ctx); err != nil {
		return err
	}
	if portal, gate := d.Portal.Audience, d.Gate.Audience; portal != gate { // as JSON may have it
		return fmt.Errorf("portal: audience '%s' is not the gate's, '%s': whoever signed in would be led to sign in again", portal, gate)
	}
	return nil
}

// ServeHTTP hands the request to whose it is.
func (d *Doorward) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	switch {
	case d.Portal.Serves(r):
		return d.Portal.ServeHTTP(w, r, next)
	case d.API != nil && d.API.Serves(r):
		return d.API.ServeHTTP(w, r, next)
	}
	return d.Gate.ServeHTTP(w, r, next)
}

var (
	_ caddy.Provisioner           = (*Doorward)(nil)
	_ caddyhttp.MiddlewareHandler = (*Doorward)(nil)
)
