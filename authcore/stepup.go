package authcore

import "context"

// StepUp lets the user that actor is show another code for the session he has:
// Second then makes a new session in its place, with the time of this code, the
// password's time of the old one, and the end of the old one. a names the site
// and the door. CodeUnauthenticated when the session has ended.
func (l *Logins) StepUp(ctx context.Context, actor Actor, a Attempt) (*Verified, error) {
	return nil, errNotBuilt
}
