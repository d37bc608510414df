package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

type pictureRow struct {
	DeviceID  string `db:"device_id"`
	Digest    []byte `db:"digest"`
	Label     string `db:"label"`
	CreatedAt int64  `db:"created_at"`
	ExpiresAt int64  `db:"expires_at"`
	TakenAt   int64  `db:"taken_at"`
}

func (t *tx) PutPicture(p authcore.Picture) (bool, error) {
	return t.won(`INSERT INTO pictures (device_id, digest, label, created_at, expires_at, taken_at) VALUES (?, ?, ?, ?, ?, 0)
		ON CONFLICT (device_id) DO UPDATE SET digest = excluded.digest, label = excluded.label,
			created_at = excluded.created_at, expires_at = excluded.expires_at
		WHERE pictures.taken_at = 0`, p.DeviceID, blob(p.Digest), p.Label, millis(p.CreatedAt), millis(p.ExpiresAt))
}

func (t *tx) Picture(digest []byte) (authcore.Picture, error) {
	r, err := get[pictureRow](t, `SELECT device_id, digest, label, created_at, expires_at, taken_at FROM pictures WHERE digest = ?`, blob(digest))
	if err != nil {
		return authcore.Picture{}, err
	}
	return authcore.Picture{
		DeviceID: r.DeviceID, Digest: r.Digest, Label: r.Label,
		CreatedAt: moment(r.CreatedAt), ExpiresAt: moment(r.ExpiresAt), TakenAt: moment(r.TakenAt),
	}, nil
}

func (t *tx) TakePicture(digest []byte, now time.Time) (bool, error) {
	return t.won(`UPDATE pictures SET taken_at = ? WHERE digest = ? AND taken_at = 0 AND expires_at > ?`,
		millis(now), blob(digest), millis(now))
}
