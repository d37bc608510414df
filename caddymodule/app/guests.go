package app

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalGuest reads a guest module of a namespace, like doorward.stores, at
// its name, and lets it read the rest. An unknown name is an error that lists
// those there are.
func UnmarshalGuest(d *caddyfile.Dispenser, namespace, key string) (json.RawMessage, error) {
	name := d.Val()
	var known []string
	for _, m := range caddy.GetModules(namespace) {
		known = append(known, m.ID.Name())
	}
	if slices.Sort(known); !slices.Contains(known, name) {
		return nil, d.Errf("unknown module '%s': %s", name, strings.Join(known, ", "))
	}
	module, err := caddyfile.UnmarshalModule(d, namespace+"."+name)
	if err != nil {
		return nil, err
	}
	return caddyconfig.JSONModuleObject(module, key, name, nil), nil
}
