package storage

import "time"

func (t *tx) ShowOnce(digest []byte, until time.Time) (bool, error) {
	return t.won(`INSERT INTO replays (digest, expires_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING`, blob(digest), millis(until))
}
