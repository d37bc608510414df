// Package callback is the guest doorward.channels.callback: questions to devices that are
// reached at a URL of their own.
package callback

import (
	"net/netip"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(new(Callback)) }

// Callback makes one request for each question, to the URL of the device.
type Callback struct {
	// The hosts that devices may be at: bank.example.com, *.bank.example.com for all
	// below it, host:8443. Without a port the one of the scheme: 443, or 80 for http.
	Targets []string `json:"targets,omitempty"`

	// Networks that their names may lead to though they are not public, like
	// 10.1.0.0/16.
	Allow []string `json:"allow,omitempty"`

	// How long one question may take to be handed over, 100ms to 10s. Default: 5s.
	Timeout caddy.Duration `json:"timeout,omitempty"`

	targets []target
	allow   []netip.Prefix
	timeout time.Duration
}

// CaddyModule returns the module's ID.
func (*Callback) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.callback", New: func() caddy.Module { return new(Callback) }}
}

var (
	_ caddy.Provisioner     = (*Callback)(nil)
	_ caddyfile.Unmarshaler = (*Callback)(nil)
	_ authcore.Asker        = (*Callback)(nil)
)
