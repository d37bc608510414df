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
	// These get a question and answer it by themselves, signed; the code in it may be typed
	// instead. KindHTTP is asked at its URL, KindStomp at a destination of a broker, and
	// KindMobile is woken and fetches what waits for it (NIST SP 800-63B section 3.1.3).
	KindHTTP   DeviceKind = "http"
	KindStomp  DeviceKind = "stomp"
	KindMobile DeviceKind = "mobile_application"
	// KindClient is an app or a browser that was approved: it makes no codes, and a
	// session may be bound to it.
	KindClient DeviceKind = "client"
)

// MakesCodes says whether devices of the kind compute their codes themselves, from a
// secret and a counter or a clock.
func (k DeviceKind) MakesCodes() bool { return k == KindTOTP || k == KindHOTP }

// Answers says whether devices of the kind answer a question by themselves.
func (k DeviceKind) Answers() bool { return k == KindHTTP || k == KindStomp || k == KindMobile }

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
	// AwaitsKey is the public key that an app makes: see Devices.EnrolKey. Nobody's login
	// activates it, and nobody's enrolment takes its place.
	AwaitsKey Awaits = "key"
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
	// Number counts the devices of the store; it never changes. The store gives it.
	Number int64
	// Sealed is the secret, sealed for devices|secret|ID.
	Sealed []byte
	// PIN is what is typed before each code, sealed for devices|pin|ID; empty: nothing.
	PIN []byte
	// Awaits is what turns a pending device active.
	Awaits Awaits
	// Address is where codes are sent: E.164, an e-mail address, a URL, a destination of a
	// broker, or what wakes an app. Empty for kinds that make their codes themselves.
	Address string
	// AppKey is the public key of an app (SubjectPublicKeyInfo, RFC 5280 section 4.1).
	AppKey []byte
	// Enrolment is the SHA-256 of the token with which its app brings that key, once.
	Enrolment []byte
	// Notified says that its user is told there before he is told elsewhere; one of his
	// devices is at most. LogsIn says that he logs in with Address as his name.
	Notified, LogsIn bool
	// Version is 1 when the device is new and rises by one with each change of what is shown
	// of it, but not when it is used; ChangedAt is when, zero: never. The store counts.
	Version   int64
	ChangedAt time.Time
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
