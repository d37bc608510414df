package app

import (
	"encoding/json"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/doorward/doorward/authcore"
)

func init() { httpcaddyfile.RegisterGlobalOption("doorward", parseGlobal) }

func parseGlobal(d *caddyfile.Dispenser, existing any) (any, error) {
	if existing != nil {
		d.Next()
		return nil, d.Err("the global option 'doorward' stands twice: put everything in one block")
	}
	var a App
	if err := a.UnmarshalCaddyfile(d); err != nil {
		return nil, err
	}
	return httpcaddyfile.App{Name: "doorward", Value: caddyconfig.JSON(&a, nil)}, nil
}

// UnmarshalCaddyfile sets up the app from Caddyfile tokens:
//
//	doorward {
//		store <engine> [<arguments...>]
//		seal_key <key>
//		public_url <url>
//		token_lifetime <duration>
//		session_lifetime <duration>
//		signing_algorithm ES256|EdDSA|RS256
//		stale strict|best_effort
//		channel email|phone|voice|http|stomp|mobile_application <guest> [<arguments...>]
//		factors <kinds...>
//		first_device password|invite
//		identity <name> <guest> [<arguments...>]
//		verifier <guest> [<arguments...>]
//		idle <duration>
//		cookie_domain <domain>
//		portal {
//			prefix <path>
//			name <name>
//			logo <file>
//			accent <colour>
//			templates <folder>
//		}
//	}
//
// seal_key may be repeated: the first seals, all open. So may channel and
// identity, each with another name.
func (a *App) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the option's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': the global option 'doorward' takes a block", d.Val())
	}
	seen := map[string]bool{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		if seen[word] && word != "seal_key" && word != "channel" && word != "identity" {
			return d.Errf("'%s' is already specified", word)
		}
		seen[word] = true
		if err := a.parseOption(d, word); err != nil {
			return err
		}
	}
	if err := a.checkLifetimes(); err != nil {
		return d.WrapErr(err)
	}
	if err := a.checkChannels(); err != nil {
		return d.WrapErr(err)
	}
	if err := a.checkDomain(); err != nil {
		return d.WrapErr(err)
	}
	return nil
}

func (a *App) parseOption(d *caddyfile.Dispenser, word string) (err error) {
	switch word {
	case "store":
		a.StoreRaw, err = parseGuest(d, "doorward.stores", "engine")
	case "seal_key":
		var key string
		key, err = oneArgument(d)
		a.SealKeys = append(a.SealKeys, key)
	case "public_url":
		a.PublicURL, err = oneArgument(d)
	case "token_lifetime":
		a.TokenLifetime, err = parseLifetime(d)
	case "session_lifetime":
		a.SessionLifetime, err = parseLifetime(d)
	case "signing_algorithm":
		a.SigningAlgorithm, err = oneArgument(d)
	case "stale":
		a.Stale, err = oneArgument(d)
	case "channel":
		err = a.parseChannel(d)
	case "factors":
		err = a.parseFactors(d)
	case "first_device":
		a.FirstDevice, err = oneArgument(d)
	case "identity":
		err = a.parseIdentity(d)
	case "verifier":
		err = a.parseVerifier(d)
	case "idle":
		a.Idle, err = parseIdle(d)
	case "cookie_domain":
		a.CookieDomain, err = oneArgument(d)
	case "portal":
		err = a.parsePortal(d)
	default:
		return d.Errf("unrecognized option '%s' of the global option 'doorward': store, seal_key, public_url, token_lifetime, session_lifetime, signing_algorithm, stale, channel, factors, first_device, identity, verifier, idle, cookie_domain, portal", word)
	}
	if err != nil {
		return err
	}
	if err := a.checkWords(); err != nil { // judged here, where file and line are known
		return d.WrapErr(err)
	}
	return nil
}

// parseGuest reads the name of a guest module and lets it read the rest.
func parseGuest(d *caddyfile.Dispenser, namespace, key string) (json.RawMessage, error) {
	word := d.Val()
	if !d.NextArg() {
		return nil, d.Errf("'%s' needs the name of a module, like sqlite", word)
	}
	return UnmarshalGuest(d, namespace, key)
}

func oneArgument(d *caddyfile.Dispenser) (string, error) {
	word := d.Val()
	if !d.NextArg() || d.Val() == "" {
		return "", d.Errf("'%s' needs a value", word)
	}
	value := d.Val()
	if d.NextArg() {
		return "", d.Errf("unexpected argument '%s': '%s' takes one value", d.Val(), word)
	}
	return value, nil
}

func parseLifetime(d *caddyfile.Dispenser) (caddy.Duration, error) {
	word := d.Val()
	text, err := oneArgument(d)
	if err != nil {
		return 0, err
	}
	life, err := caddy.ParseDuration(text)
	if err != nil || life < time.Second || life > authcore.MaxTokenLifetime {
		return 0, d.Errf("invalid %s '%s': a duration like 12h or 7d, from 1s to 30d", word, text)
	}
	return caddy.Duration(life), nil
}
