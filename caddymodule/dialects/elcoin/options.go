package elcoin

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalCaddyfile sets up the dialect from Caddyfile tokens:
//
//	api elcoin {
//		prefix <path>
//		always_200
//		allow_dev_skip <cidr…>
//		require_nonce
//	}
func (e *Elcoin) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the dialect's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': 'api elcoin' takes a block", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := e.parse(d); err != nil {
			return err
		}
	}
	return nil
}

func (e *Elcoin) parse(d *caddyfile.Dispenser) error {
	switch word := d.Val(); word {
	case "prefix":
		if e.Prefix != "" {
			return d.Errf("'%s' is already specified", word)
		}
		if !d.AllArgs(&e.Prefix) {
			return d.Errf("'%s' takes one path, like /bank", word)
		}
		if err := checkPrefix(e.Prefix); err != nil {
			return d.WrapErr(err)
		}
	case "always_200":
		return flag(d, &e.Always200)
	case "require_nonce":
		return flag(d, &e.RequireNonce)
	case "allow_dev_skip":
		networks := d.RemainingArgs()
		if len(networks) == 0 {
			return d.Errf("'%s' takes the networks from which no call need be signed, like 127.0.0.0/8", word)
		}
		for _, text := range networks {
			if _, err := parseNetwork(text); err != nil {
				return d.WrapErr(err)
			}
		}
		e.AllowDevSkip = append(e.AllowDevSkip, networks...)
	default:
		return d.Errf("unrecognized option '%s' of 'api elcoin': prefix, always_200, allow_dev_skip, require_nonce", word)
	}
	return nil
}

// flag is a word that stands once, alone.
func flag(d *caddyfile.Dispenser, set *bool) error {
	word := d.Val()
	if *set {
		return d.Errf("'%s' is already specified", word)
	}
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': '%s' takes none", d.Val(), word)
	}
	*set = true
	return nil
}

var _ caddyfile.Unmarshaler = (*Elcoin)(nil)
