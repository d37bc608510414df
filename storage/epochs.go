package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

// bumps add one to a subject's epoch. It stands with the subject,
// not in the feed, so that pruning the feed sets none back.
var bumps = map[authcore.SubjectKind]string{
	authcore.SubjectUser:    `UPDATE users SET epoch = epoch + 1 WHERE id = ? RETURNING epoch`,
	authcore.SubjectDevice:  `UPDATE devices SET epoch = epoch + 1 WHERE id = ? RETURNING epoch`,
	authcore.SubjectSession: `UPDATE sessions SET epoch = epoch + 1 WHERE id = ? RETURNING epoch`,
	authcore.SubjectKeys:    `UPDATE key_set SET epoch = epoch + 1 WHERE id = ? RETURNING epoch`,
}

func (t *tx) BumpEpoch(s authcore.Subject, at time.Time) (int64, error) {
	update, known := bumps[s.Kind]
	if !known {
		return 0, authcore.Errorf(authcore.CodeInternal, "%q has no epochs", s.Kind)
	}
	id := s.ID
	if s.Kind == authcore.SubjectKeys {
		id = "1" // there is one set of keys, whatever the caller calls it
	}
	epoch, err := get[int64](t, update, id)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(`INSERT INTO epochs (kind, subject, epoch, changed_at) VALUES (?, ?, ?, ?)`,
		s.Kind, s.ID, epoch, millis(at))
	return epoch, err
}

func (t *tx) EpochsSince(cursor int64) ([]authcore.EpochChange, int64, error) {
	// The cursor is read before the list: what is committed in between is then
	// listed twice rather than never.
	next, err := get[int64](t, t.db.options.Dialect.FeedCursor)
	if err != nil {
		return nil, cursor, err
	}
	rows, err := list[struct {
		Kind    string `db:"kind"`
		Subject string `db:"subject"`
		Epoch   int64  `db:"epoch"`
	}](t, t.db.options.Dialect.FeedSince, cursor)
	if err != nil {
		return nil, cursor, err
	}
	changes := make([]authcore.EpochChange, len(rows))
	for i, r := range rows {
		changes[i] = authcore.EpochChange{
			Subject: authcore.Subject{Kind: authcore.SubjectKind(r.Kind), ID: r.Subject}, Epoch: r.Epoch,
		}
	}
	// Pruning may have emptied the feed; the cursor never goes back.
	return changes, max(cursor, next), nil
}
