package authcore

import (
	"context"
	"time"
)

// Opening is what an integrator opens a session for.
type Opening struct {
	User, Password string
	// Lifetime is cut to Options.SessionLifetime.
	Lifetime time.Duration
	From     Origin
}

// Open makes a session of an integrator's own for a user who has shown a password: it
// has no token and opens no site, for no code was shown. The errors are those of
// CheckPassword.
func (s *Sessions) Open(ctx context.Context, actor Actor, o Opening) (Session, error) {
	return Session{}, errNotBuilt
}

// Opened finds a session that Open made in the actor's dialect and tenant, and that
// stands: it has neither ended nor expired, and its user is not disabled.
// CodeNotFound for any other.
func (s *Sessions) Opened(ctx context.Context, actor Actor, id string) (Session, error) {
	return Session{}, errNotBuilt
}

// Close ends a session that Opened finds.
func (s *Sessions) Close(ctx context.Context, actor Actor, id string) (Session, error) {
	return Session{}, errNotBuilt
}
