package app

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

// parseIdentity reads `identity <name> <module> …`.
func (a *App) parseIdentity(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Err("'identity' needs a name of your choice and the name of a module, like: identity google oidc { … }")
	}
	name := d.Val()
	if err := checkIdentity(name); err != nil {
		return d.WrapErr(err)
	}
	if a.IdentitiesRaw[name] != nil {
		return d.Errf("identity '%s' is already specified", name)
	}
	if !d.NextArg() {
		return d.Errf("'identity %s' needs the name of a module, like oidc", name)
	}
	module, err := UnmarshalGuest(d, "doorward.identities", "source")
	if err != nil {
		return err
	}
	if a.IdentitiesRaw == nil {
		a.IdentitiesRaw = map[string]json.RawMessage{}
	}
	a.IdentitiesRaw[name] = module
	return nil
}

var identityName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// checkIdentity refuses a name that no client could mean. Clients write it in
// any case: it has one here, so that two can't differ in that alone.
func checkIdentity(name string) error {
	if !identityName.MatchString(name) {
		return fmt.Errorf("identity '%s': a name has 1 to 64 of a-z, 0-9, _ and -", name)
	}
	if name == "email" {
		return fmt.Errorf("identity 'email': clients mean the password by this word, so no identity source can have it")
	}
	return nil
}

// loadIdentities loads the guests. They ask nobody before somebody logs in.
func (a *App) loadIdentities() error {
	for name := range a.IdentitiesRaw {
		if err := checkIdentity(name); err != nil {
			return err
		}
	}
	if len(a.IdentitiesRaw) == 0 {
		return nil
	}
	modules, err := a.ctx.LoadModule(a, "IdentitiesRaw")
	if err != nil {
		return fmt.Errorf("loading the identities: %v", err)
	}
	a.identities = map[string]authcore.IdentitySource{}
	for name, module := range modules.(map[string]any) {
		source, ok := module.(authcore.IdentitySource)
		if !ok {
			return fmt.Errorf("identity '%s': module %T is no identity source: it does not implement authcore.IdentitySource", name, module)
		}
		a.identities[name] = source
	}
	return nil
}
