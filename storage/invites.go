package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

type inviteRow struct {
	UserID    string `db:"user_id"`
	Digest    []byte `db:"digest"`
	CreatedAt int64  `db:"created_at"`
	ExpiresAt int64  `db:"expires_at"`
	UsedAt    int64  `db:"used_at"`
}

func (t *tx) PutInvite(i authcore.Invite) error {
	return t.insert(`INSERT INTO invites (user_id, digest, created_at, expires_at, used_at)
		VALUES (:user_id, :digest, :created_at, :expires_at, :used_at)
		ON CONFLICT (user_id) DO UPDATE SET digest = excluded.digest, created_at = excluded.created_at,
			expires_at = excluded.expires_at, used_at = excluded.used_at`,
		inviteRow{i.UserID, blob(i.Digest), millis(i.CreatedAt), millis(i.ExpiresAt), millis(i.UsedAt)})
}

func (t *tx) Invite(userID string) (authcore.Invite, error) {
	r, err := get[inviteRow](t, `SELECT user_id, digest, created_at, expires_at, used_at FROM invites WHERE user_id = ?`, userID)
	if err != nil {
		return authcore.Invite{}, err
	}
	return authcore.Invite{
		UserID: r.UserID, Digest: r.Digest, CreatedAt: moment(r.CreatedAt), ExpiresAt: moment(r.ExpiresAt), UsedAt: moment(r.UsedAt),
	}, nil
}

func (t *tx) ConsumeInvite(userID string, digest []byte, now time.Time) (bool, error) {
	return t.won(`UPDATE invites SET used_at = ?
		WHERE user_id = ? AND digest = ? AND used_at = 0 AND expires_at > ?`, millis(now), userID, blob(digest), millis(now))
}
