package authcore

import (
	"context"
	"time"
)

// Invitation is a new one. The token is shown this once.
type Invitation struct {
	User      User
	Token     string // 130 bits, Base32
	ExpiresAt time.Time
}

// Invite makes a token with which a user, who shows his password too, can enrol
// a device, whether or not he has or had one: in place of any token before,
// once, within InviteLifetime.
func (s *Users) Invite(ctx context.Context, actor Actor, ref string) (Invitation, error) {
	return Invitation{}, errNotBuilt
}

// Invited gives v the right to enrol a device that a token of Invite carries.
// CodeForbidden: the token is another user's, used, expired or none.
func (l *Logins) Invited(ctx context.Context, v *Verified, token string) (*Verified, error) {
	return nil, errNotBuilt
}
