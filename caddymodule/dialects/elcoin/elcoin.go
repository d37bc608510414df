// Package elcoin is the guest doorward.dialects.elcoin: the devices and logins of the Elcoin
// ABS API (oAuthDevice), as integrators call it.
package elcoin

import (
	"net/http"
	"net/netip"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(new(Elcoin)) }

// Elcoin serves /model/oAuthDevice/…, also below /api and as /api/oAuthDevice/…, and
// /oauth/v2/….
type Elcoin struct {
	// What stands before every path. Default: nothing.
	Prefix string `json:"prefix,omitempty"`

	// Answers every failure with 200, as a client may expect that looks at the body alone.
	// Default: false, what HTTP has a status for gets it.
	Always200 bool `json:"always_200,omitempty"`

	// Networks from which X-App-Sig may be DEV-SKIP, and no call need be signed. Default:
	// none.
	AllowDevSkip []string `json:"allow_dev_skip,omitempty"`

	// Wants X-App-Ts and X-App-Nonce in every call, so that a copy of it is refused.
	// Default: false, they are checked when they are there.
	RequireNonce bool `json:"require_nonce,omitempty"`

	devSkip []netip.Prefix
}

// dialectName is what integrators are kept under.
const dialectName = "elcoin"

// CaddyModule returns the module's ID.
func (*Elcoin) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects." + dialectName, New: func() caddy.Module { return new(Elcoin) }}
}

// SharesSecrets says that X-App-Sig needs the secret itself.
func (*Elcoin) SharesSecrets() {}

// What integrators may be allowed, in the words of the vendor's roles.
const (
	roleModify = "ACCESS:DEVICE:MODIFY"
	roleView   = "ACCESS:DEVICE:VIEW"
)

// Operations are the roles that an integrator may have. OWNER is a person's: his own token.
func (*Elcoin) Operations() []string { return []string{roleModify, roleView} }

// Route knows the vendor's paths. Any other is the app's.
func (e *Elcoin) Route(method, path string) (dialect.Route, bool) {
	if route, ok := e.oauthRoute(method, path); ok {
		return route, true
	}
	return e.modelRoute(method, path)
}

// WriteError answers in the envelope of the model; what is of /oauth/v2 has a Fail of its own.
func (e *Elcoin) WriteError(w http.ResponseWriter, err error) {}

var (
	_ dialect.Dialect      = (*Elcoin)(nil)
	_ dialect.SecretSharer = (*Elcoin)(nil)
)
