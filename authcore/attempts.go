package authcore

import "time"

// AttemptKind says what is being tried.
type AttemptKind string

// The kinds of tries that are counted.
const (
	// AttemptPasswordAddress counts passwords for one name from one address.
	AttemptPasswordAddress AttemptKind = "password_address"
	// AttemptPassword counts passwords for one name from everywhere.
	AttemptPassword AttemptKind = "password"
	// AttemptDevice counts codes against one device's secret.
	AttemptDevice AttemptKind = "device"
	// AttemptSendUser counts codes that are sent to one user.
	AttemptSendUser AttemptKind = "send_user"
	// AttemptSendNumber counts codes that are sent to one address of a device.
	AttemptSendNumber AttemptKind = "send_number"
	// AttemptSendAddress counts codes that are asked for from one address, and apart from them
	// passwords that are to be restored, and codes for one of those.
	AttemptSendAddress AttemptKind = "send_address"
)

// AttemptKey names a counter. Subject is an internal ID, or a digest for names
// that don't exist, so that spellings of a name share one counter.
type AttemptKey struct {
	Kind    AttemptKind
	Subject string
}

// AttemptLimit is the arithmetic of a counter.
type AttemptLimit struct {
	// InARow wrong tries, each within Window of the one before, pause the key.
	InARow int
	Window time.Duration
	Pause  time.Duration
	// Cap is how many wrong tries there may ever be; 0: no cap.
	Cap int
}

// Attempts is the state of a counter.
type Attempts struct {
	Failures    int // wrong in a row
	Total       int // wrong in all
	PausedUntil time.Time
}

// Limits are the attempt limits in force.
type Limits struct {
	PasswordAddress AttemptLimit
	Password        AttemptLimit
	Device          AttemptLimit
	// Send bounds the codes to one user and to one number, SendAddress those
	// that are asked for from one address.
	Send        AttemptLimit
	SendAddress AttemptLimit
}

// DefaultLimits are those of law 4. A password is throttled and never capped
// for good; a device's secret is capped at 100 (NIST SP 800-63B section 3.2.2).
func DefaultLimits() Limits {
	return Limits{
		PasswordAddress: AttemptLimit{InARow: 10, Window: 20 * time.Minute, Pause: 20 * time.Minute},
		Password:        AttemptLimit{InARow: 100, Window: 20 * time.Minute, Pause: 5 * time.Minute},
		Device:          AttemptLimit{InARow: 10, Window: 20 * time.Minute, Pause: 20 * time.Minute, Cap: 100},
		Send:            AttemptLimit{InARow: 10, Window: time.Hour, Pause: time.Hour},
		SendAddress:     AttemptLimit{InARow: 30, Window: time.Hour, Pause: time.Hour},
	}
}
