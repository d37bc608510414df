package authcore

import "context"

// Rename says what the owner of a device calls it: up to 64 characters that can
// be read; empty takes the name away.
func (s *Devices) Rename(ctx context.Context, actor Actor, ref, name string) (Device, error) {
	return Device{}, errNotBuilt
}

// RevokeOthers ends all sessions of the user that actor is but the one he asks
// through, and says how many they were.
func (s *Sessions) RevokeOthers(ctx context.Context, actor Actor) (int, error) {
	return 0, errNotBuilt
}

// ChangePassword gives the user that actor is another password and ends all of
// his sessions. a shows the present one, and counts as a try does. Both factors
// must have been shown in the last ten minutes: else CodeStepUp. A wrong present
// password is CodeUnauthenticated; a new one that won't do, CodeInvalid.
func (s *Users) ChangePassword(ctx context.Context, actor Actor, a Attempt, password string) error {
	return errNotBuilt
}
