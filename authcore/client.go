package authcore

import "time"

// Client is what a device of KindClient has beside what every device has: who it is
// for, and what a session is recognised by that is on it.
type Client struct {
	DeviceID string
	// Account is the ID of the account that it was asked for on; empty: it is a browser
	// of its user's own.
	Account string
	// Key is what its app calls it, as sent; empty for a browser.
	Key string
	Marks
}

// Marks are what a client device is recognised by. Each is empty where there is none.
type Marks struct {
	// Session is the ID that the app gave to its session, sealed for
	// clients|session|DEVICEID, or approvals|session|ID while it waits; SessionDigest is
	// the SHA-256 of it in small letters.
	Session, SessionDigest []byte
	// Secret is the SHA-256 of what a browser has in its cookie, which has 130 random bits.
	Secret []byte
	// PublicKey is that of an app (SubjectPublicKeyInfo, RFC 5280 section 4.1).
	PublicKey []byte
	// Face is the picture that a verifier was shown.
	Face string
}

// MaxClients is how many client devices a user may have on accounts, and how many browsers of
// his own beside them, that are pending, active or blocked.
const MaxClients = 20

// ClientDevice is a client device with all that may be shown of it.
type ClientDevice struct {
	Device
	Client
	Session string // as its app sent it; that of the newest request while one waits
	// AccountName is what operators call its account; empty for a browser of one's own.
	AccountName string
	Document    string // of the approver, digits alone; empty for a browser of one's own
	// Approval is the newest request.
	Approval Approval
	// History are its states, the oldest first.
	History []StatusChange
}

// StatusChange is one line of a client device's history.
type StatusChange struct {
	Status DeviceStatus
	// Reason is why it was rejected: one of Refused…; mostly empty.
	Reason string
	At     time.Time
}

// Why a request was refused.
const (
	RefusedTries    = "tries"    // too many wrong tokens
	RefusedVerifier = "verifier" // the verifier said no
	RefusedPerson   = "person"   // the approver, or an operator, said no
	RefusedLapsed   = "lapsed"   // nobody said anything in time
)
