// Package qitech is the guest doorward.dialects.qitech: the device registration of QI
// Tech's Banking as a Service, as integrators call it.
package qitech

import (
	"fmt"
	"path"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(new(QITech)) }

// QITech serves the devices of accounts: /account/{account_key}/device and what is below.
type QITech struct {
	// What stands before /account in every path. Default: nothing.
	Prefix string `json:"prefix,omitempty"`

	// Every token is 329329, and none is sent: for trying out, with a store of its own,
	// because what is let in counts at every site. Default: false.
	SandboxToken bool `json:"sandbox_token,omitempty"`
}

// dialectName is what integrators are kept under.
const dialectName = "qitech"

// CaddyModule returns the module's ID.
func (*QITech) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects." + dialectName, New: func() caddy.Module { return new(QITech) }}
}

// Provision refuses what can't be, and warns of what lets everybody in.
func (q *QITech) Provision(ctx caddy.Context) error {
	if q.SandboxToken {
		ctx.Logger().Warn("sandbox_token: any device is approved by a token that everybody knows, counts at every site of this store then, " +
			"and a request that was made at another site can be taken over here; use a store of its own, or leave it out")
	}
	if q.Prefix == "" {
		return nil
	}
	return checkPrefix(q.Prefix)
}

func checkPrefix(text string) error {
	if !strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") || strings.ContainsAny(text, `%*{}?# ;\`) || path.Clean(text) != text ||
		strings.HasPrefix(strings.ToLower(text), "/.doorward") { // that is ours already
		return fmt.Errorf("prefix '%s' is not a path like /baas", text)
	}
	return nil
}

// UnmarshalCaddyfile sets up the dialect from Caddyfile tokens:
//
//	api qitech {
//		prefix <path>
//		sandbox_token
//	}
func (q *QITech) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the dialect's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': 'api qitech' takes a block", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := q.parse(d); err != nil {
			return err
		}
	}
	return nil
}

func (q *QITech) parse(d *caddyfile.Dispenser) error {
	switch word := d.Val(); word {
	case "prefix":
		if q.Prefix != "" {
			return d.Errf("'%s' is already specified", word)
		}
		if !d.AllArgs(&q.Prefix) {
			return d.Errf("'%s' takes one path, like /baas", word)
		}
		if err := checkPrefix(q.Prefix); err != nil {
			return d.WrapErr(err)
		}
	case "sandbox_token":
		if q.SandboxToken {
			return d.Errf("'%s' is already specified", word)
		}
		if d.NextArg() {
			return d.Errf("unexpected argument '%s': 'sandbox_token' takes none", d.Val())
		}
		q.SandboxToken = true
	default:
		return d.Errf("unrecognized option '%s' of 'api qitech': prefix, sandbox_token", word)
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*QITech)(nil)
	_ caddyfile.Unmarshaler = (*QITech)(nil)
	_ dialect.Dialect       = (*QITech)(nil)
	_ dialect.Integrated    = (*QITech)(nil)
)
