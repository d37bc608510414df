package admin

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func addIntegrator(ctx context.Context, core *authcore.Core, in AddIntegrator) (IntegratorWithKey, error) {
	d, err := integrated(in.Dialect)
	if err != nil {
		return IntegratorWithKey{}, err
	}
	if err := checkOperations(d, in.Dialect, in.Operations); err != nil {
		return IntegratorWithKey{}, err
	}
	signs, err := publicKey(d, in.Dialect, in.PublicKey)
	if err != nil {
		return IntegratorWithKey{}, err
	}
	allow := make([]netip.Prefix, len(in.Allow))
	for i, text := range in.Allow {
		if allow[i], err = parsePrefix(text); err != nil {
			return IntegratorWithKey{}, err
		}
	}
	_, shares := d.(dialect.SecretSharer)
	i, key, err := core.Integrators.Add(ctx, operator, authcore.Integrator{
		Name: in.Name, Dialect: in.Dialect, Tenant: in.Tenant, PublicKey: signs, Shares: shares, Operations: in.Operations, Allow: allow, Rate: in.Rate,
	})
	return IntegratorWithKey{integratorShape(i), key}, err
}

func listIntegrators(ctx context.Context, core *authcore.Core, _ Nothing) ([]Integrator, error) {
	list, err := core.Integrators.List(ctx, operator)
	return shapes(list, err, integratorShape)
}

func removeIntegrator(ctx context.Context, core *authcore.Core, in IntegratorRef) (Integrator, error) {
	i, err := core.Integrators.Remove(ctx, operator, in.Name)
	return integratorShape(i), err
}

// integrated finds a dialect of this build that has integrators.
func integrated(name string) (dialect.Integrated, error) {
	var names []string
	for _, guest := range caddy.GetModules("doorward.dialects") {
		if d, ok := guest.New().(dialect.Integrated); ok {
			if guest.ID.Name() == name {
				return d, nil
			}
			names = append(names, guest.ID.Name())
		}
	}
	return nil, authcore.Errorf(authcore.CodeInvalid, "no dialect with the name %q has integrators: %s", name, knownAre(names))
}

// checkOperations says whether a dialect has such operations. An integrator of any other
// could do nothing.
func checkOperations(d dialect.Integrated, name string, wanted []string) error {
	operations := d.Operations()
	for _, operation := range wanted {
		if !slices.Contains(operations, operation) {
			return authcore.Errorf(authcore.CodeInvalid, "the dialect %s has no operation %q: %s", name, operation, knownAre(operations))
		}
	}
	return nil
}

func knownAre(names []string) string {
	if len(names) == 0 {
		return "none is known"
	}
	return "known are " + strings.Join(names, ", ")
}

// parsePrefix reads a network, or an address for itself alone.
func parsePrefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, authcore.Errorf(authcore.CodeInvalid, "%q is no network: write one like 192.0.2.0/24 or 2001:db8::/32, or an address", text)
	}
	return p, nil
}

func integratorShape(i authcore.Integrator) Integrator {
	shape := Integrator{
		ID: i.ID, Name: i.Name, Dialect: i.Dialect, Tenant: i.Tenant, Operations: append([]string{}, i.Operations...),
		Allow: make([]string, len(i.Allow)), Rate: i.Rate, Proof: proofOf(i), PublicKeySHA256: fingerprint(i.PublicKey), CreatedAt: moment(i.CreatedAt),
	}
	for n, p := range i.Allow {
		shape.Allow[n] = p.String()
	}
	return shape
}

// proofOf says how i is known, in a word.
func proofOf(i authcore.Integrator) string {
	switch {
	case i.Shares:
		return "shared_secret"
	case len(i.PublicKey) > 0:
		return "public_key"
	}
	return "key"
}
