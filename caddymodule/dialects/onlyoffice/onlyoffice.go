// Package onlyoffice is the guest doorward.dialects.onlyoffice: the login API
// of ONLYOFFICE Workspace, R7-Office and ONLYOFFICE DocSpace portals.
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

// OnlyOffice serves the login API of a portal under its prefix. The routes are
// in routes.go.
type OnlyOffice struct {
	// Where the API is. Default: /api/2.0.
	Prefix string `json:"prefix,omitempty"`

	// Which product's API it is: "workspace", which R7-Office speaks too, or
	// "docspace". Default: workspace.
	Flavour string `json:"flavour,omitempty"`

	// Which status a failure has: "standard", as HTTP means it, or "faithful",
	// as the product does, which in a workspace is 500 for most. Default:
	// standard.
	ErrorStatus string `json:"error_status,omitempty"`

	// The time zone of dates: a name like Europe/Moscow, an offset like +03:00,
	// or UTC, which is written as Z; +00:00 is written as it is. Default: UTC.
	Timezone string `json:"timezone,omitempty"`

	// The app behind is such a portal itself: only what is below
	// authentication is served here.
	BesidePortal bool `json:"beside_portal,omitempty"`

	zone zone
}

// CaddyModule returns the module's ID.
func (*OnlyOffice) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects.onlyoffice", New: func() caddy.Module { return new(OnlyOffice) }}
}

const (
	workspace = "workspace"
	docspace  = "docspace"
	standard  = "standard"
	faithful  = "faithful"
)

// option is one that has a value.
type option struct {
	name  string
	field *string
	byDef string // when it is not given
	takes string
	check func(string) error
}

func (o *OnlyOffice) options() []option {
	return []option{
		{"prefix", &o.Prefix, "/api/2.0", "one path, like /api/2.0", checkPrefix},
		{"flavour", &o.Flavour, workspace, "workspace or docspace", oneOf("flavour", workspace, docspace)},
		{"error_status", &o.ErrorStatus, standard, "standard or faithful", oneOf("error_status", standard, faithful)},
		{"timezone", &o.Timezone, "UTC", "a name like Europe/Moscow, an offset like +03:00, or UTC", func(name string) error { _, err := parseZone(name); return err }},
	}
}

// Provision fills in what was not given, and refuses what can't be.
func (o *OnlyOffice) Provision(caddy.Context) (err error) {
	for _, option := range o.options() {
		if *option.field == "" {
			*option.field = option.byDef
		}
		if err := option.check(*option.field); err != nil {
			return err
		}
	}
	o.zone, err = parseZone(o.Timezone)
	return err
}

func checkPrefix(prefix string) error {
	if !strings.HasPrefix(prefix, "/") || strings.HasSuffix(prefix, "/") || strings.ContainsAny(prefix, `%*{}?# ;\`) || path.Clean(prefix) != prefix ||
		strings.HasPrefix(prefix, "/.doorward") { // that is ours already
		return fmt.Errorf("prefix '%s' is not a path like /api/2.0", prefix)
	}
	return nil
}

func oneOf(name, one, other string) func(string) error {
	return func(word string) error {
		if word != one && word != other {
			return fmt.Errorf("%s '%s' is neither %s nor %s", name, word, one, other)
		}
		return nil
	}
}

// UnmarshalCaddyfile sets up the dialect from Caddyfile tokens:
//
//	api onlyoffice {
//		prefix       <path>
//		flavour      workspace|docspace
//		error_status standard|faithful
//		timezone     <name>|<offset>|UTC
//		beside_portal
//	}
func (o *OnlyOffice) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the dialect's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': 'api onlyoffice' takes a block", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := o.parse(d); err != nil {
			return err
		}
	}
	return nil
}

func (o *OnlyOffice) parse(d *caddyfile.Dispenser) error {
	word, names := d.Val(), []string(nil)
	if word == "beside_portal" {
		if o.BesidePortal {
			return d.Errf("'%s' is already specified", word)
		}
		if d.NextArg() {
			return d.Errf("unexpected argument '%s': 'beside_portal' takes none", d.Val())
		}
		o.BesidePortal = true
		return nil
	}
	for _, option := range o.options() {
		names = append(names, option.name)
		if option.name != word {
			continue
		}
		if *option.field != "" {
			return d.Errf("'%s' is already specified", word)
		}
		if !d.AllArgs(option.field) {
			return d.Errf("'%s' takes %s", word, option.takes)
		}
		if err := option.check(*option.field); err != nil {
			return d.WrapErr(err)
		}
		return nil
	}
	return d.Errf("unrecognized option '%s' of 'api onlyoffice': %s, beside_portal", word, strings.Join(names, ", "))
}

// status is that of an answer.
func (o *OnlyOffice) status(method string) int {
	if o.Flavour != docspace && method == http.MethodPost {
		return http.StatusCreated
	}
	return http.StatusOK
}

var (
	_ caddy.Provisioner     = (*OnlyOffice)(nil)
	_ caddyfile.Unmarshaler = (*OnlyOffice)(nil)
	_ dialect.Dialect       = (*OnlyOffice)(nil)
)
