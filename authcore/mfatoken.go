package authcore

import (
	"context"
	"time"
)

// MFAToken makes a JWT of the type mfa+jwt that goes on with v's login, as Ticket does: it
// opens nothing, and only the door that it was made for takes it. It names nobody.
func (l *Logins) MFAToken(v *Verified) (text string, until time.Time, err error) {
	return "", time.Time{}, errNotBuilt
}

// ResumeMFA is Resume for an MFAToken. a names the site and the door.
func (l *Logins) ResumeMFA(ctx context.Context, a Attempt, text string) (*Verified, error) {
	return nil, errNotBuilt
}
