package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

// RetireBatch is how many row numbers one Retire looks at.
const RetireBatch = 5000

// Retire goes by the numbers of the rows, so that a batch costs the same in a
// table of any size.
func (t *tx) Retire(from int64, now time.Time) (r authcore.Retired, err error) {
	to := from + RetireBatch
	// First, as who enrols by one holds it before his devices.
	if _, err = t.exec(`DELETE FROM invites WHERE seq >= ? AND seq < ?`, from, to); err != nil {
		return r, err
	}
	if r.Sessions, err = t.exec(`UPDATE sessions SET ended_at = ?, epoch = epoch + 1
		WHERE seq >= ? AND seq < ? AND ended_at = 0`, millis(now), from, to); err != nil {
		return r, err
	}
	// The step of now, and those that the clock of the device may be ahead.
	const last = `CAST(? AS BIGINT) / period + look_ahead + CASE WHEN drift > 0 THEN drift ELSE 0 END`
	if r.TOTP, err = t.exec(`UPDATE devices SET last_counter = `+last+`
		WHERE seq >= ? AND seq < ? AND kind = 'totp' AND period > 0 AND last_counter < `+last,
		now.Unix(), from, to, now.Unix()); err != nil {
		return r, err
	}
	if r.HOTP, err = t.exec(`UPDATE devices SET status = 'blocked', epoch = epoch + 1, version = version + 1, changed_at = ?
		WHERE seq >= ? AND seq < ? AND kind = 'hotp' AND status = 'active'`, millis(now), from, to); err != nil {
		return r, err
	}
	// Which of its codes were used can't be known either.
	if r.Backup, err = t.exec(`UPDATE devices SET status = 'blocked', epoch = epoch + 1, version = version + 1, changed_at = ?
		WHERE seq >= ? AND seq < ? AND kind = 'backup' AND status = 'active'`, millis(now), from, to); err != nil {
		return r, err
	}
	// Which app brought its key can't be known either: another token is made for another device.
	if _, err = t.exec(`UPDATE devices SET enrolment = ? WHERE seq >= ? AND seq < ? AND length(enrolment) > 0`, blob(nil), from, to); err != nil {
		return r, err
	}
	if _, err = t.exec(`DELETE FROM challenges
		WHERE device_id IN (SELECT id FROM devices WHERE seq >= ? AND seq < ?)`, from, to); err != nil {
		return r, err
	}
	// Whether somebody has read it can't be known: nobody reads it any more.
	if _, err = t.exec(`UPDATE pictures SET taken_at = ? WHERE taken_at = 0
		AND device_id IN (SELECT id FROM devices WHERE seq >= ? AND seq < ?)`, millis(now), from, to); err != nil {
		return r, err
	}
	// Nobody knows what became of a request: it has expired, and what was sent is void.
	if _, err = t.exec(`UPDATE approvals SET token = ?, token_expires_at = ?, expires_at = ? WHERE state = 'pending' AND expires_at > ?
		AND device_id IN (SELECT id FROM devices WHERE seq >= ? AND seq < ?)`,
		blob(nil), millis(now), millis(now), millis(now), from, to); err != nil {
		return r, err
	}
	// The smallest number that is left: gaps cost nothing.
	r.Next, err = get[int64](t, `SELECT COALESCE(MIN(seq), 0) FROM (
		SELECT MIN(seq) AS seq FROM sessions WHERE seq >= ?
		UNION ALL SELECT MIN(seq) FROM devices WHERE seq >= ?
		UNION ALL SELECT MIN(seq) FROM invites WHERE seq >= ?) AS rest`, to, to, to)
	return r, err
}
