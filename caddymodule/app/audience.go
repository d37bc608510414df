package app

import (
	"fmt"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

// DefaultAudience is the audience of sites that name none: they share tokens.
const DefaultAudience = "doorward"

// CheckAudience refuses the word for all audiences: a token is for one.
func CheckAudience(audience string) error {
	if audience == authcore.EveryAudience {
		return fmt.Errorf("audience '*' is none: name this site, or leave it out to share tokens with the others that do")
	}
	return nil
}

// ParseAudience reads the option of a handler, at its word.
func ParseAudience(d *caddyfile.Dispenser, into *string) error {
	if *into != "" {
		return d.Err("'audience' is already specified")
	}
	audience, err := oneArgument(d)
	if err != nil {
		return err
	}
	if err := CheckAudience(audience); err != nil {
		return d.WrapErr(err)
	}
	*into = audience
	return nil
}
