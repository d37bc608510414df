package api

import (
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// ParseOption reads one option of a block, at its word. known is false when the
// word is not the API's.
func (a *API) ParseOption(h httpcaddyfile.Helper) (known bool, err error) {
	switch h.Val() {
	case "audience":
		args := h.RemainingArgs()
		if len(args) != 1 || args[0] == "" || a.Audience != "" {
			return true, h.Err("'audience' takes one value, once")
		}
		a.Audience = args[0]
		return true, nil
	case "api":
		if !h.NextArg() {
			return true, h.Err("'api' needs the name of a dialect, like onlyoffice")
		}
		name := h.Val()
		module, err := caddyfile.UnmarshalModule(h.Dispenser, "doorward.dialects."+name)
		if err != nil {
			return true, err
		}
		a.DialectsRaw = append(a.DialectsRaw, caddyconfig.JSONModuleObject(module, "dialect", name, nil))
		return true, nil
	}
	return false, nil
}
