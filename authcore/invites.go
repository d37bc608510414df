package authcore

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
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
	if v == nil || v.user.ID == "" || v.session != "" {
		return nil, loginRefused()
	}
	invited := *v
	invited.invite = inviteDigest(token)
	if err := l.store.Read(ctx, func(tx Tx) error { return invited.invited(tx, l.now()) }); err != nil {
		return nil, err
	}
	return &invited, nil
}

func inviteDigest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// invited says whether the invitation that v has shown is still alive.
func (v *Verified) invited(tx Tx, now time.Time) error {
	i, err := tx.Invite(v.user.ID)
	if CodeOf(err) != CodeNotFound && err != nil {
		return err
	}
	if err != nil || subtle.ConstantTimeCompare(i.Digest, v.invite) != 1 || !i.UsedAt.IsZero() || !i.ExpiresAt.After(now) {
		return Errorf(CodeForbidden, "the invitation is not valid any more: ask for another one")
	}
	return nil
}
