// Package log is the guest doorward.channels.log: for development, messages in
// Caddy's log instead of a letter or an SMS.
package log

import (
	"context"
	"fmt"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(new(Log)) }

// Log writes each message, its code too, into Caddy's log. Whoever reads the log
// can log in as others: it is refused unless Insecure is set.
type Log struct {
	// True says that everybody who reads the log may log in as everybody else.
	Insecure bool `json:"insecure,omitempty"`

	log *zap.Logger
}

// CaddyModule returns the module's ID.
func (*Log) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.channels.log", New: func() caddy.Module { return new(Log) }}
}

// Provision refuses what was not meant.
func (l *Log) Provision(ctx caddy.Context) error {
	l.log = ctx.Logger()
	return l.check()
}

func (l *Log) check() error {
	if !l.Insecure {
		return fmt.Errorf("channel log writes codes into the log, where who reads it can use them: for development, write 'insecure' into its block")
	}
	return nil
}

// Reaches nobody, whoever of those it is that messages are sent to.
func (*Log) Reaches(kind authcore.DeviceKind) bool {
	return kind == authcore.KindPhone || kind == authcore.KindEmail || kind == authcore.KindMobile
}

// Send writes m into the log.
func (l *Log) Send(_ context.Context, m authcore.Message) error {
	l.log.Warn("a message that channel log delivers to nobody",
		zap.String("to", m.To), zap.String("subject", m.Subject), zap.String("text", m.Text))
	return nil
}

// UnmarshalCaddyfile sets up the channel from Caddyfile tokens:
//
//	channel phone log {
//		insecure
//	}
func (l *Log) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the guest's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': channel log takes a block", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if d.Val() != "insecure" {
			return d.Errf("unrecognized option '%s' of channel log: insecure", d.Val())
		}
		if d.NextArg() {
			return d.Errf("unexpected argument '%s': 'insecure' takes none", d.Val())
		}
		l.Insecure = true
	}
	if err := l.check(); err != nil {
		return d.WrapErr(err)
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*Log)(nil)
	_ caddyfile.Unmarshaler = (*Log)(nil)
	_ authcore.Channel      = (*Log)(nil)
)
