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
	authcore.SubjectStore:   `UPDATE key_set SET epoch = epoch + 1 WHERE id = ? RETURNING epoch`, // any that rises
}

func (t *tx) BumpEpoch(s authcore.Subject, at time.Time) (int64, error) {
	update, known := bumps[s.Kind]
	if !known {
		return 0, authcore.Errorf(authcore.CodeInternal, "%q has no epochs", s.Kind)
	}
	id := s.ID
	if s.Kind == authcore.SubjectKeys || s.Kind == authcore.SubjectStore {
		id = "1" // there is one, whatever the caller calls it
	}
	epoch, err := get[int64](t, update, id)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(`INSERT INTO epochs (kind, subject, epoch, changed_at) VALUES (?, ?, ?, ?)`,
		s.Kind, s.ID, epoch, millis(at))
	return epoch, err
}

// relist is how far the list goes back when positions say nothing any more: it
// covers the clocks of nodes that disagree with that of the database.
const relist = time.Hour

func (t *tx) EpochsSince(cursor authcore.Cursor) ([]authcore.EpochChange, authcore.Cursor, error) {
	// The cursor is read before the list: what is committed in between is then
	// listed twice rather than never.
	at, err := get[struct {
		Database string `db:"database"`
		Position string `db:"position"`
		Clock    int64  `db:"clock"`
	}](t, t.db.options.Dialect.FeedCursor)
	if err != nil {
		return nil, cursor, err
	}
	next := authcore.Cursor{Database: at.Database, Position: at.Position, Clock: moment(at.Clock)}
	if cursor == (authcore.Cursor{}) {
		return nil, next, nil
	}
	const selectChange = `SELECT kind, subject, epoch FROM epochs `
	query, since := selectChange+t.db.options.Dialect.FeedSince, any(cursor.Position)
	if cursor.Database != next.Database {
		// It was restarted, or a standby has taken over: numbers may have been
		// given out again, and the last commits may be gone.
		query, since = selectChange+`WHERE changed_at >= ? ORDER BY seq`, millis(cursor.Clock.Add(-relist))
	}
	rows, err := list[struct {
		Kind    string `db:"kind"`
		Subject string `db:"subject"`
		Epoch   int64  `db:"epoch"`
	}](t, query, since)
	if err != nil {
		return nil, cursor, err
	}
	changes := make([]authcore.EpochChange, len(rows))
	for i, r := range rows {
		changes[i] = authcore.EpochChange{
			Subject: authcore.Subject{Kind: authcore.SubjectKind(r.Kind), ID: r.Subject}, Epoch: r.Epoch,
		}
	}
	return changes, next, nil
}
