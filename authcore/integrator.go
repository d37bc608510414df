package authcore

import (
	"cmp"
	"crypto/x509"
	"net/netip"
	"regexp"
	"slices"
	"time"
)

// Integrator is an API client of a dialect, with a key of its own: what acts for a
// company, not for a person.
type Integrator struct {
	ID      string // UUID
	Name    string // unique; what it logs in with, as with its ID
	Dialect string // the one that it may call
	Tenant  string // whose users and devices it sees
	// Digest is the SHA-256 of its key, which has 130 random bits, so that a plain
	// hash is enough (NIST SP 800-63B section 3.1.2). Empty: it has none, and signs.
	Digest []byte
	// PublicKey is what it signs its calls with, in place of a key (SubjectPublicKeyInfo,
	// RFC 5280 section 4.1). Empty: it has a key, and no signature is its.
	PublicKey []byte
	// Sealed is the secret that it signs its calls with and we compute them anew, sealed for
	// integrators|secret|ID. Empty: it has a Digest or a PublicKey.
	Sealed []byte
	// Shares says that it has such a secret. The store does not keep it: Sealed says it there.
	Shares bool
	// Operations are those of the dialect that it may ask for; empty: all.
	Operations []string
	// Allow is where it may call from; empty: everywhere.
	Allow []netip.Prefix
	// Rate is how many calls it may make in a minute, on each node: as many at once,
	// and then as the minute goes by.
	Rate      int
	CreatedAt time.Time
}

// DefaultRate is that of an integrator for whom none is named, MaxRate the most
// there is, in calls a minute.
const (
	DefaultRate = 600
	MaxRate     = 600_000
)

var integratorName = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,64}$`)

func checkIntegratorName(name string) error {
	if !integratorName.MatchString(name) {
		return Errorf(CodeInvalid, "the name of an integrator has 1 to 64 letters, digits or - _ . @, and no others: %q", name)
	}
	return nil
}

// checked gives i with its defaults, or says what is wrong with it.
func (i Integrator) checked() (Integrator, error) {
	i.Tenant, i.Rate = cmp.Or(i.Tenant, DefaultTenant), cmp.Or(i.Rate, DefaultRate)
	if err := checkIntegratorName(i.Name); err != nil {
		return i, err
	}
	if err := CheckTenant(i.Tenant); err != nil {
		return i, err
	}
	if _, isID := canonicalID(i.Name); isID { // or it would be looked up as one
		return i, Errorf(CodeInvalid, "the name of an integrator may not look like an ID: %q", i.Name)
	}
	switch {
	case i.Dialect == "":
		return i, Errorf(CodeInvalid, "an integrator calls one dialect, and none is named")
	case i.Rate < 1 || i.Rate > MaxRate:
		return i, Errorf(CodeInvalid, "the rate of an integrator is 1 to %d calls a minute, not %d", MaxRate, i.Rate)
	case slices.Contains(i.Operations, ""):
		return i, Errorf(CodeInvalid, "an operation without a name can't be allowed")
	}
	if len(i.PublicKey) > 0 && i.Shares {
		return i, Errorf(CodeInvalid, "an integrator signs with a public key or with a shared secret, not with both")
	}
	if len(i.PublicKey) > 0 { // not what stands around it, but the key alone is kept
		key, err := x509.ParsePKIXPublicKey(i.PublicKey)
		if err == nil {
			i.PublicKey, err = x509.MarshalPKIXPublicKey(key)
		}
		if err != nil {
			return i, Errorf(CodeInvalid, "the public key of an integrator can't be read: it is a SubjectPublicKeyInfo (RFC 5280 section 4.1)")
		}
	}
	allow := make([]netip.Prefix, len(i.Allow))
	for n, p := range i.Allow {
		var err error
		if allow[n], err = checkPrefix(p); err != nil {
			return i, err
		}
	}
	slices.SortFunc(allow, netip.Prefix.Compare)
	i.Allow = slices.Compact(allow)
	i.Operations = slices.Compact(slices.Sorted(slices.Values(i.Operations)))
	return i, nil
}

// checkPrefix gives p as addresses are held against it: IPv4 as IPv4, however it was
// written (RFC 4291 section 2.5.5.2).
func checkPrefix(p netip.Prefix) (netip.Prefix, error) {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	switch {
	case !p.IsValid() || p.Addr().Is4In6():
		return p, Errorf(CodeInvalid, "addresses are written like 192.0.2.0/24 or 2001:db8::/32")
	case p != p.Masked(): // a digit too few after the slash would let a whole network in
		return p, Errorf(CodeInvalid, "%s names an address and not a network: write %s, or %s for this one", p, p.Masked(), netip.PrefixFrom(p.Addr(), p.Addr().BitLen()))
	}
	return p, nil
}
