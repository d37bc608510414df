package app

import (
	"fmt"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

// parseVerifier reads `verifier <module> …`.
func (a *App) parseVerifier(d *caddyfile.Dispenser) (err error) {
	if !d.NextArg() {
		return d.Err("'verifier' needs the name of a module, like: verifier http https://faces.example.com/verify")
	}
	a.VerifierRaw, err = UnmarshalGuest(d, "doorward.verifiers", "via")
	return err
}

// loadVerifier loads the guest. It asks nobody before there is a picture.
func (a *App) loadVerifier() error {
	if a.VerifierRaw == nil {
		return nil
	}
	module, err := a.ctx.LoadModule(a, "VerifierRaw")
	if err != nil {
		return fmt.Errorf("loading the verifier: %v", err)
	}
	verifier, ok := module.(authcore.Verifier)
	if !ok {
		return fmt.Errorf("module %T is not a verifier: it does not implement authcore.Verifier", module)
	}
	a.verifier = verifier
	return nil
}
