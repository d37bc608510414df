package authcore

import "time"

// DefaultTenant is the tenant of a bare user name.
const DefaultTenant = "default"

// User is an account (NIST SP 800-63B: subscriber).
type User struct {
	ID       string // UUID
	Tenant   string
	Name     string // canonical: RFC 8265 UsernameCaseMapped
	Email    string // canonical, or empty; an alias of Name
	Phone    string // E.164, or empty; an alias of Name
	Groups   []string
	Language string // of messages to him: BCP 47, or empty
	Password string // PHC string of argon2id; empty: no password logs in
	Disabled bool
	// StrictDevices wants each new client device of his own approved from a registered
	// one.
	StrictDevices bool
	// RestoredBy is the address that a code was sent to with which he restored his password:
	// no code that is sent there logs him in until one of another device did. Empty: none.
	RestoredBy string
	// Epoch revokes: tokens issued under a lower one are refused.
	Epoch     int64
	CreatedAt time.Time
}
