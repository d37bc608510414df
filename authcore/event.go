package authcore

import "time"

// Event is one row of the audit trail. It never holds a secret.
type Event struct {
	At        time.Time
	Node      string // which gateway decided
	Actor     string // who asked: "user:ID", "operator", "anonymous"
	Action    string // "login.password", "login.code", "device.block", …
	Outcome   string // "ok" or "refused"
	Reason    string // why it was refused; empty when ok
	Tenant    string
	UserID    string
	DeviceID  string
	SessionID string
	Factor    string // "pwd", "totp", "hotp"
	Address   string
	RequestID string
}

// The outcomes of an event.
const (
	OutcomeOK      = "ok"
	OutcomeRefused = "refused"
)

// Retention bounds the tables that traffic can grow, by age and by size.
type Retention struct {
	Now           time.Time
	AuditBefore   time.Time // audit rows older than this go
	AuditRows     int       // and the oldest beyond this many
	AttemptBefore time.Time // counters of passwords and of sent codes untouched since then go
	AttemptRows   int       // and the oldest of them beyond this many
	SessionBefore time.Time // sessions that expired before this go
	EpochBefore   time.Time // lines of the feed noted before this go
	ClientBefore  time.Time // client devices that were rejected or deactivated before this go
	ClientRows    int       // and the oldest beyond this many
}
