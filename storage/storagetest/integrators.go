package storagetest

import (
	"net/netip"

	"github.com/doorward/doorward/authcore"
)

func sampleIntegrator(id string) authcore.Integrator {
	return authcore.Integrator{
		ID: id, Name: "name-" + id, Dialect: "surepassid", Tenant: "other", Digest: []byte{1, 0, 255},
		Operations: []string{"a", "b"}, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		Rate: 7, CreatedAt: start,
	}
}
