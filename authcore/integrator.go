package authcore

import (
	"net/netip"
	"time"
)

// Integrator is an API client of a dialect, with a key of its own: what acts for a
// company, not for a person.
type Integrator struct {
	ID      string // UUID
	Name    string // unique; what it logs in with
	Dialect string // the one that it may call
	Tenant  string // whose users and devices it sees
	// Digest is the SHA-256 of its key, which has 130 random bits, so that a plain
	// hash is enough (NIST SP 800-63B section 3.1.2).
	Digest []byte
	// Operations are those of the dialect that it may ask for; empty: all.
	Operations []string
	// Allow is where it may call from; empty: everywhere.
	Allow []netip.Prefix
	// Rate is how many calls it may make in a minute, on each node.
	Rate      int
	CreatedAt time.Time
}

// DefaultRate is that of an integrator for whom none is named, MaxRate the most
// there is, in calls a minute.
const (
	DefaultRate = 600
	MaxRate     = 600_000
)
