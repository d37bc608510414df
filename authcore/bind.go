package authcore

import (
	"context"
	"time"
)

// Binding is what shows that a session is on a registered client device. One of Secret,
// Session and Signature is given.
type Binding struct {
	// Secret is that of a browser's cookie.
	Secret string
	// Account and Document name an approver, who must be the user; of Secret there is none.
	Account, Document string
	// Session is what the app called its session when it asked for the device.
	Session string
	// Key names the device by what its app calls it; Challenge is one of BindChallenge, and
	// Signature is over its text with the key that was registered: ECDSA P-256 with
	// SHA-256, r and s as 64 bytes (RFC 7518 section 3.4), or Ed25519.
	Key, Challenge string
	Signature      []byte
}

// bindTime is how long a challenge may take to be signed.
const bindTime = 2 * time.Minute

// BindChallenge gives a text for the app to sign, good for the session that actor asks
// through, for two minutes. It is sealed: nothing is stored.
func (l *Logins) BindChallenge(ctx context.Context, actor Actor, ref DeviceRef) (text string, until time.Time, err error) {
	return "", time.Time{}, errNotBuilt
}

// Bind makes a new session in place of the one that actor asks through, with its times and
// its end, which is bound to the device that b shows (SES-03). One statement says who binds.
// a names the site and the door.
//
// CodeUnauthenticated: the session has ended. CodeForbidden with ReasonClientDevice: b shows
// no active device of the user's, or of an account that is not active.
func (l *Logins) Bind(ctx context.Context, actor Actor, a Attempt, b Binding) (Login, error) {
	return Login{}, errNotBuilt
}
