package authcore

import (
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// DeviceKind says what kind of authenticator a device is.
type DeviceKind string

// The kinds that exist so far.
const (
	KindTOTP DeviceKind = "totp" // RFC 6238
	KindHOTP DeviceKind = "hotp" // RFC 4226
	// Codes are sent to these (NIST SP 800-63B: out-of-band).
	KindPhone DeviceKind = "phone"
	KindEmail DeviceKind = "email"
	// KindBackup is a list of codes that work once each (NIST SP 800-63B:
	// look-up secrets).
	KindBackup DeviceKind = "backup"
	// KindClient is an app or a browser that was approved: it makes no codes, and a
	// session may be bound to it.
	KindClient DeviceKind = "client"
)

// MakesCodes says whether devices of the kind compute their codes themselves, from a
// secret and a counter or a clock.
func (k DeviceKind) MakesCodes() bool { return k == KindTOTP || k == KindHOTP }

// ByVoice is a way to send a code, and no kind of device.
const ByVoice DeviceKind = "voice"

// DeviceStatus is a state of the one machine
// pending -> active <-> blocked -> deactivated, and pending -> rejected.
type DeviceStatus string

// The states. Only an active device opens anything.
const (
	StatusPending     DeviceStatus = "pending"
	StatusActive      DeviceStatus = "active"
	StatusBlocked     DeviceStatus = "blocked"
	StatusDeactivated DeviceStatus = "deactivated"
	StatusRejected    DeviceStatus = "rejected"
)

// Awaits says what turns a pending device active.
type Awaits string

// What a device may await.
const (
	// AwaitsCode is its first code, in a login of whoever enrols it.
	AwaitsCode Awaits = ""
	// AwaitsCodes is two consecutive codes, which an integrator brings: nobody's
	// login activates it, and nobody's enrolment takes its place.
	AwaitsCodes Awaits = "codes"
	// AwaitsApproval is a person who says yes: see Approvals.
	AwaitsApproval Awaits = "approval"
)

// Device is what a person registers (NIST SP 800-63B: authenticator).
type Device struct {
	ID     string // UUID
	Tenant string
	UserID string // empty: in stock
	Serial string // PSKC SerialNo; unique in a tenant
	Name   string // what its owner calls it; may be empty
	Kind   DeviceKind
	Status DeviceStatus
	// Sealed is the secret, sealed for devices|secret|ID.
	Sealed []byte
	// PIN is what is typed before each code, sealed for devices|pin|ID; empty: nothing.
	PIN []byte
	// Awaits is what turns a pending device active.
	Awaits Awaits
	// Address is where codes are sent: E.164 or an e-mail address. Empty for
	// kinds that make their codes themselves.
	Address   string
	Algorithm oath.Algorithm
	Digits    int
	Period    int // seconds; TOTP only
	// LookAhead is how many counters beyond the next one HOTP tries (RFC 4226
	// section 7.4, "s"); for TOTP it is the drift window, steps to either side.
	LookAhead int
	// LastCounter is the last counter or time step that was used; -1: none.
	LastCounter int64
	// Drift is how many steps the device's clock is ahead (RFC 6238 section 6).
	Drift      int
	Epoch      int64
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
	// ExpiresAt is from when on its codes don't count (RFC 6030 section 5); zero: they
	// always do.
	ExpiresAt time.Time
}
