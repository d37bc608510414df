package authcore

import (
	"context"
	"time"
)

// Restore is a password that is being restored: what was answered to who asked, whoever he is.
type Restore struct {
	Token     string // a JWT of the type mfa+jwt
	Number    string // that stands in the message too, so that he knows which it is
	ExpiresAt time.Time
}

// AskRestore sends who is named a code to restore his password with, to a phone or an e-mail
// address that is his device, if he has another device to log in with: one device must not
// become both factors. The device is Device.Notified, else the oldest. Whoever is named,
// the answer, its time and the statements before it are the same (law 12): all else is done
// afterwards. The codes are counted apart from those of logins, by user and by address.
//
// CodeThrottled: too many were asked for from this address.
func (s *Users) AskRestore(ctx context.Context, a Attempt) (Restore, error) {
	return Restore{}, errNotBuilt
}

// RestoreCode takes the code, five times at most for one token, and no other device's. token is
// for RestorePassword then. CodeUnauthenticated: whatever is wrong.
func (s *Users) RestoreCode(ctx context.Context, a Attempt, token, code string) (next string, until time.Time, err error) {
	return "", time.Time{}, errNotBuilt
}

// RestorePassword gives the user of a token of RestoreCode another password and ends his
// sessions. Codes that are sent to where the code went log him in again only after another
// device did, he changed the password, or an operator did. CodeInvalid: the password won't
// do; CodeUnauthenticated: the token won't, which is good once.
func (s *Users) RestorePassword(ctx context.Context, a Attempt, token, password string) error {
	return errNotBuilt
}
