// Package directive is the Caddyfile directive doorward and its handler, which
// is the three handlers doorward_portal, doorward_api and doorward_gate in one,
// and a directive for each alone.
package directive

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/caddymodule/api"
	"github.com/doorward/doorward/caddymodule/gate"
	"github.com/doorward/doorward/caddymodule/portal"
)

func init() {
	for _, d := range []struct {
		name  string
		parse httpcaddyfile.UnmarshalFunc
	}{
		{"doorward_portal", parsePortal}, {"doorward_api", parseAPI}, {"doorward_gate", parseGate}, {"doorward", parseAll},
	} {
		httpcaddyfile.RegisterDirective(d.name, d.parse)
		httpcaddyfile.RegisterDirectiveOrder(d.name, httpcaddyfile.Before, "basic_auth")
	}
}

// optionParser takes the options that are its own.
type optionParser interface {
	Options() []string
	ParseOption(h httpcaddyfile.Helper) (known bool, err error)
}

// parseAll sets up the whole gateway for a site:
//
//	doorward {
//		api      <dialect> [<arguments...>]
//		audience <name>
//		open     <paths...>
//		require  [<matcher>] device
//		require  [<matcher>] {
//			otp_max_age <duration>
//			group       <names...>
//			device
//		}
//		header   user|name|email|groups <name>
//		pass_token
//		allow_origin <origins...>
//	}
func parseAll(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	d, a := new(Doorward), new(api.API)
	g := &d.Gate
	if err := parseBlock(h, g, a); err != nil { // in this order: the gate reads the audience, for both
		return nil, err
	}
	if err := g.Headers.Check(); err != nil {
		return nil, h.WrapErr(err)
	}
	d.Portal.Audience = g.Audience
	if a.Audience = g.Audience; len(a.DialectsRaw) > 0 {
		d.API = a
	}
	return routeOf(caddyconfig.JSONModuleObject(d, "handler", "doorward", nil)), nil
}

// parseGate sets up the gate alone: doorward_gate with the options of doorward
// except api.
func parseGate(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	g := new(gate.Gate)
	if err := parseBlock(h, g); err != nil {
		return nil, err
	}
	if err := g.Headers.Check(); err != nil {
		return nil, h.WrapErr(err)
	}
	return routeOf(caddyconfig.JSONModuleObject(g, "handler", "doorward_gate", nil)), nil
}

// parseAPI sets up login APIs alone: doorward_api with api and audience.
func parseAPI(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	a := new(api.API)
	if err := parseBlock(h, a); err != nil {
		return nil, err
	}
	if len(a.DialectsRaw) == 0 {
		return nil, h.Err("'doorward_api' serves nothing: name a dialect with 'api'")
	}
	return routeOf(caddyconfig.JSONModuleObject(a, "handler", "doorward_api", nil)), nil
}

// parsePortal sets up Doorward's own routes alone: doorward_portal.
func parsePortal(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	p := new(portal.Portal)
	err := parseBlock(h, p)
	return routeOf(caddyconfig.JSONModuleObject(p, "handler", "doorward_portal", nil)), err
}

// parseBlock hands each option to whom it belongs. There is no matcher: what is
// beside it would be unprotected, and forged headers would pass there.
func parseBlock(h httpcaddyfile.Helper, parsers ...optionParser) error {
	h.Next() // consume the directive's name
	name := h.Val()
	if h.NextArg() {
		return h.Errf("unexpected argument '%s': '%s' guards its whole site and takes no matcher; use 'open' for paths without a login, or put it in a handle block", h.Val(), name)
	}
	for nesting := h.Nesting(); h.NextBlock(nesting); {
		if err := parseOption(h, name, parsers); err != nil {
			return err
		}
	}
	return nil
}

func parseOption(h httpcaddyfile.Helper, directive string, parsers []optionParser) error {
	word := h.Val()
	known := []string{}
	for _, p := range parsers {
		known = append(known, p.Options()...)
		if its, err := p.ParseOption(h); its || err != nil {
			return err
		}
	}
	return h.Errf("unrecognized option '%s' of '%s': %s", word, directive, strings.Join(slices.Compact(known), ", "))
}

func routeOf(handler json.RawMessage) []httpcaddyfile.ConfigValue {
	return []httpcaddyfile.ConfigValue{{Class: "route", Value: caddyhttp.Route{HandlersRaw: []json.RawMessage{handler}}}}
}
