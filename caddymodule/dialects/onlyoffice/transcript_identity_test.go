package onlyoffice_test

import (
	"context"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
)

func init() { caddy.RegisterModule(social{}) }

// social is an identity source for stories: a token or a code "of NAME" proves
// the account NAME, "away" is answered by nobody.
type social struct{}

func (social) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.identities.social", New: func() caddy.Module { return new(social) }}
}

func (social) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the guest's name
	return nil
}

func (social) Verify(_ context.Context, proof authcore.Proof) (subject string, err error) {
	brought := proof.Token + proof.Code
	if brought == "away" {
		return "", authcore.Errorf(authcore.CodeUnavailable, "the provider does not answer")
	}
	name, ok := strings.CutPrefix(brought, "of ")
	if !ok {
		return "", authcore.Errorf(authcore.CodeUnauthenticated, "no proof")
	}
	return name, nil
}

var (
	_ authcore.IdentitySource = social{}
	_ caddyfile.Unmarshaler   = (*social)(nil)
)
