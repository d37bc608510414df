package api

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/doorward/doorward/caddymodule/app"
)

// Options are the words that ParseOption knows.
func (*API) Options() []string { return []string{"audience", "api"} }

// ParseOption reads one option of a block, at its word. known is false when the
// word is not the API's.
func (a *API) ParseOption(h httpcaddyfile.Helper) (known bool, err error) {
	switch h.Val() {
	case "audience":
		return true, app.ParseAudience(h.Dispenser, &a.Audience)
	case "api":
		if !h.NextArg() {
			return true, h.Err("'api' needs the name of a dialect, like onlyoffice")
		}
		name := h.Val()
		raw, err := app.UnmarshalGuest(h.Dispenser, "doorward.dialects", "dialect")
		if err != nil {
			return true, err
		}
		if slices.ContainsFunc(a.DialectsRaw, func(other json.RawMessage) bool { return bytes.Equal(other, raw) }) {
			return true, h.Errf("'api %s' is already specified", name)
		}
		a.DialectsRaw = append(a.DialectsRaw, raw)
		return true, nil
	}
	return false, nil
}
