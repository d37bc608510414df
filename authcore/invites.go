package authcore

import (
	"context"
	"crypto/rand"
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
// once, within InviteLifetime. CodeConflict when he is disabled.
func (s *Users) Invite(ctx context.Context, actor Actor, ref string) (Invitation, error) {
	if err := actor.operates(); err != nil {
		return Invitation{}, err
	}
	token, now := rand.Text(), s.now()
	i := Invite{Digest: tokenDigest(token), CreatedAt: now, ExpiresAt: now.Add(InviteLifetime)}
	var u User
	err := s.write(ctx, func(tx *journal) (err error) {
		if u, err = findUser(tx, actor, ref); err != nil {
			return err
		}
		if u.Disabled {
			return Errorf(CodeConflict, "user %s is disabled: enable him first", u.Name)
		}
		i.UserID = u.ID
		if err = tx.PutInvite(i); err != nil {
			return err
		}
		return s.record(tx, s.userEvent(actor, u, "user.invite"))
	})
	if err != nil {
		return Invitation{}, err
	}
	return Invitation{User: u, Token: token, ExpiresAt: i.ExpiresAt}, nil
}

// Invited gives v the right to enrol a device that a token of Invite carries.
// CodeForbidden: the token is another user's, used, expired or none.
func (l *Logins) Invited(ctx context.Context, v *Verified, token string) (*Verified, error) {
	if v == nil || v.user.ID == "" || v.session != "" {
		return nil, loginRefused()
	}
	invited := *v
	invited.invite = tokenDigest(token)
	if err := l.store.Read(ctx, func(tx Tx) error { return invited.invited(tx, l.now()) }); err != nil {
		return nil, err
	}
	return &invited, nil
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
