// Package surepassid is the guest doorward.dialects.surepassid: the REST API of
// SurePassID MFA servers for OATH devices and users, as integrators call it.
package surepassid

import (
	"fmt"
	"path"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(new(SurePassID)) }

// SurePassID serves the one endpoint of the API, and the pictures that its answers
// link to.
type SurePassID struct {
	// Where the endpoint is. Default: /AuthServer/REST/U2F/U2FServer.aspx.
	Path string `json:"path,omitempty"`

	// Answers quote a wrong code, as the product's do. Default: they don't.
	VerboseErrors bool `json:"verbose_errors,omitempty"`
}

const (
	// dialectName is what integrators and attributes are kept under.
	dialectName = "surepassid"
	defaultPath = "/AuthServer/REST/U2F/U2FServer.aspx"
)

// CaddyModule returns the module's ID.
func (*SurePassID) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects." + dialectName, New: func() caddy.Module { return new(SurePassID) }}
}

// Provision fills in what was not given, and refuses what can't be.
func (s *SurePassID) Provision(caddy.Context) error {
	if s.Path == "" {
		s.Path = defaultPath
	}
	return checkPath(s.Path)
}

func checkPath(text string) error {
	if !strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") || strings.ContainsAny(text, `%*{}?# ;\`) || path.Clean(text) != text ||
		strings.HasPrefix(strings.ToLower(text), "/.doorward") { // that is ours already, and the endpoint has any case
		return fmt.Errorf("path '%s' is not a path like %s", text, defaultPath)
	}
	return nil
}

// UnmarshalCaddyfile sets up the dialect from Caddyfile tokens:
//
//	api surepassid {
//		path <path>
//		verbose_errors
//	}
func (s *SurePassID) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the dialect's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': 'api surepassid' takes a block", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := s.parse(d); err != nil {
			return err
		}
	}
	return nil
}

func (s *SurePassID) parse(d *caddyfile.Dispenser) error {
	switch word := d.Val(); word {
	case "path":
		if s.Path != "" {
			return d.Errf("'%s' is already specified", word)
		}
		if !d.AllArgs(&s.Path) {
			return d.Errf("'%s' takes one path, like %s", word, defaultPath)
		}
		if err := checkPath(s.Path); err != nil {
			return d.WrapErr(err)
		}
	case "verbose_errors":
		if s.VerboseErrors {
			return d.Errf("'%s' is already specified", word)
		}
		if d.NextArg() {
			return d.Errf("unexpected argument '%s': 'verbose_errors' takes none", d.Val())
		}
		s.VerboseErrors = true
	default:
		return d.Errf("unrecognized option '%s' of 'api surepassid': path, verbose_errors", word)
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*SurePassID)(nil)
	_ caddyfile.Unmarshaler = (*SurePassID)(nil)
	_ dialect.Dialect       = (*SurePassID)(nil)
	_ dialect.Integrated    = (*SurePassID)(nil)
)
