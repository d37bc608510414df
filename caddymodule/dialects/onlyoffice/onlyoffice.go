// Package onlyoffice is the guest doorward.dialects.onlyoffice: the login API
// of ONLYOFFICE Workspace and R7-Office portals.
package onlyoffice

import (
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(new(OnlyOffice)) }

// OnlyOffice serves, under its prefix:
//
//	POST authentication         name and password: is a code needed?
//	POST authentication/{code}  name, password and code: a token
type OnlyOffice struct {
	// Where the API is. Default: /api/2.0.
	Prefix string `json:"prefix,omitempty"`
}

// CaddyModule returns the module's ID.
func (*OnlyOffice) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects.onlyoffice", New: func() caddy.Module { return new(OnlyOffice) }}
}

// Provision fills in the prefix.
func (o *OnlyOffice) Provision(caddy.Context) error {
	if o.Prefix == "" {
		o.Prefix = "/api/2.0"
	}
	return o.check()
}

func (o *OnlyOffice) check() error {
	if !strings.HasPrefix(o.Prefix, "/") || strings.HasSuffix(o.Prefix, "/") || strings.ContainsAny(o.Prefix, `%*{}?# ;\`) || path.Clean(o.Prefix) != o.Prefix ||
		strings.HasPrefix(o.Prefix, "/.doorward") { // that is ours already
		return fmt.Errorf("prefix '%s' is not a path like /api/2.0", o.Prefix)
	}
	return nil
}

// reserved are words that stand where a code could: they are routes of the
// portal behind us, or of a later version of ours, and never codes.
var reserved = map[string]bool{"setphone": true, "sendsms": true, "login": true, "register": true, "logout": true, "confirm": true}

// Route knows paths as a portal does: in any case, with a slash or .json at
// the end.
func (o *OnlyOffice) Route(method, path string) (dialect.Route, bool) {
	if len(path) <= len(o.Prefix) || !strings.EqualFold(path[:len(o.Prefix)], o.Prefix) || path[len(o.Prefix)] != '/' {
		return dialect.Route{}, false
	}
	rest := strings.TrimSuffix(path[len(o.Prefix)+1:], "/")
	word, code, withCode := strings.Cut(rest, "/")
	code, _, more := strings.Cut(code, "/")
	code = cutJSON(code)
	if !strings.EqualFold(cutJSON(word), "authentication") || reserved[strings.ToLower(code)] && !more {
		return dialect.Route{}, false
	}
	route := dialect.Route{Name: "authentication", Serve: primary}
	switch {
	case more: // there is no such route, but it may have a code that no log may show
		return dialect.Route{Name: "authentication/{code}/", Serve: nothing}, true
	case withCode:
		route = dialect.Route{Name: "authentication/{code}", Serve: withSecond(code)}
	}
	if method != http.MethodPost {
		if !withCode { // GET authentication is the portal's own
			return dialect.Route{}, false
		}
		route.Serve = wrongMethod
	}
	return route, true
}

func cutJSON(s string) string {
	if n := len(s) - len(".json"); n >= 0 && strings.EqualFold(s[n:], ".json") {
		return s[:n]
	}
	return s
}

// UnmarshalCaddyfile sets up the dialect from Caddyfile tokens:
//
//	api onlyoffice {
//		prefix <path>
//	}
func (o *OnlyOffice) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the dialect's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': 'api onlyoffice' takes a block", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if d.Val() != "prefix" {
			return d.Errf("unrecognized option '%s' of 'api onlyoffice': prefix", d.Val())
		}
		if o.Prefix != "" {
			return d.Err("'prefix' is already specified")
		}
		if !d.AllArgs(&o.Prefix) {
			return d.Err("'prefix' takes one path, like /api/2.0")
		}
		if err := o.check(); err != nil {
			return d.WrapErr(err)
		}
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*OnlyOffice)(nil)
	_ caddyfile.Unmarshaler = (*OnlyOffice)(nil)
	_ dialect.Dialect       = (*OnlyOffice)(nil)
)
