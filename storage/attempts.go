package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

// Reserve is one statement, so that of any number of parallel tries exactly as
// many count as the limit allows. A run of failures begins anew after a pause
// that is over, and after a window without a try. A clock that goes back
// lengthens a pause and a run; it never ends one.
func (t *tx) Reserve(key authcore.AttemptKey, limit authcore.AttemptLimit, now time.Time) (bool, error) {
	pause := millis(now.Add(limit.Pause))
	first := int64(0)
	if limit.InARow <= 1 {
		first = pause
	}
	oldest := millis(now.Add(-limit.Window))
	// The casts tell PostgreSQL the width of a placeholder that stands alone.
	return t.won(`INSERT INTO attempts (kind, subject, failures, total, paused_until, updated_at)
		VALUES (?, ?, 1, 1, ?, ?)
		ON CONFLICT (kind, subject) DO UPDATE SET
			failures = CASE WHEN attempts.paused_until <> 0 OR attempts.updated_at < ? THEN 1
				ELSE attempts.failures + 1 END,
			total = attempts.total + 1,
			paused_until = CASE WHEN (CASE WHEN attempts.paused_until <> 0 OR attempts.updated_at < ? THEN 1
				ELSE attempts.failures + 1 END) >= ? THEN CAST(? AS BIGINT) ELSE 0 END,
			updated_at = excluded.updated_at
		WHERE attempts.paused_until <= ? AND (CAST(? AS BIGINT) = 0 OR attempts.total < ?)`,
		key.Kind, key.Subject, first, millis(now),
		oldest, oldest, limit.InARow, pause,
		millis(now), limit.Cap, limit.Cap)
}

// Refund lifts a pause as well. That is right, because a pause stands only
// while failures is the number that set it: no try counts during a pause, so
// one try fewer is always one too few for it. Tries that were running beside
// this one stay counted, and the next one that counts sets the pause again.
//
// What it can't know is whether a Succeed came between the Reserve and this
// Refund. Then it takes back a try of the next run: one more wrong try before
// a pause, and none before the cap.
func (t *tx) Refund(key authcore.AttemptKey) error {
	_, err := t.exec(`UPDATE attempts SET paused_until = 0,
			failures = CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END,
			total = CASE WHEN total > 0 THEN total - 1 ELSE 0 END
		WHERE kind = ? AND subject = ?`, key.Kind, key.Subject)
	return err
}

func (t *tx) Succeed(key authcore.AttemptKey) error {
	_, err := t.exec(`UPDATE attempts SET paused_until = 0, failures = 0,
			total = CASE WHEN total > 0 THEN total - 1 ELSE 0 END
		WHERE kind = ? AND subject = ?`, key.Kind, key.Subject)
	return err
}

func (t *tx) Lift(key authcore.AttemptKey) error {
	_, err := t.exec(`UPDATE attempts SET paused_until = 0, failures = 0 WHERE kind = ? AND subject = ?`, key.Kind, key.Subject)
	return err
}

func (t *tx) Attempts(key authcore.AttemptKey) (authcore.Attempts, error) {
	r, err := get[struct {
		Failures    int   `db:"failures"`
		Total       int   `db:"total"`
		PausedUntil int64 `db:"paused_until"`
	}](t, `SELECT failures, total, paused_until FROM attempts WHERE kind = ? AND subject = ?`, key.Kind, key.Subject)
	if authcore.CodeOf(err) == authcore.CodeNotFound {
		return authcore.Attempts{}, nil
	}
	if err != nil {
		return authcore.Attempts{}, err
	}
	return authcore.Attempts{Failures: r.Failures, Total: r.Total, PausedUntil: moment(r.PausedUntil)}, nil
}
