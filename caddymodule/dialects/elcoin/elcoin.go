// Package elcoin is the guest doorward.dialects.elcoin: the devices and logins of the Elcoin
// ABS API (oAuthDevice), as integrators call it.
package elcoin

import (
	"fmt"
	"net/netip"
	"path"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

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
	log     *zap.Logger
}

// dialectName is what integrators are kept under.
const dialectName = "elcoin"

// CaddyModule returns the module's ID.
func (*Elcoin) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects." + dialectName, New: func() caddy.Module { return new(Elcoin) }}
}

// Provision refuses what can't be, and warns of calls that need not be signed.
func (e *Elcoin) Provision(ctx caddy.Context) error {
	e.log = ctx.Logger()
	e.devSkip = nil
	for _, text := range e.AllowDevSkip {
		network, err := parseNetwork(text)
		if err != nil {
			return err
		}
		e.devSkip = append(e.devSkip, network)
	}
	if len(e.devSkip) > 0 {
		e.log.Warn("allow_dev_skip: from these networks X-App-Sig may be DEV-SKIP, so that a token alone is enough; leave it out where anybody's money is",
			zap.Strings("networks", e.AllowDevSkip))
	}
	if e.Prefix == "" {
		return nil
	}
	return checkPrefix(e.Prefix)
}

func checkPrefix(text string) error {
	if !strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") || strings.ContainsAny(text, `%*{}?# ;\`) || path.Clean(text) != text ||
		strings.HasPrefix(strings.ToLower(text), "/.doorward") { // that is ours already
		return fmt.Errorf("prefix '%s' is not a path like /bank", text)
	}
	return nil
}

// parseNetwork reads a network, and no address in it: a digit too few after the slash would
// let a whole network in.
func parseNetwork(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || p != p.Masked() || p.Addr().Is4In6() {
		return p, fmt.Errorf("allow_dev_skip '%s' is not a network like 192.0.2.0/24 or 2001:db8::/32", text)
	}
	return p, nil
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

var (
	_ caddy.Provisioner    = (*Elcoin)(nil)
	_ dialect.Dialect      = (*Elcoin)(nil)
	_ dialect.SecretSharer = (*Elcoin)(nil)
)
