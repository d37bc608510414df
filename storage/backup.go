package storage

import "time"

// PutBackupCodes counts in the device's row, and holds it, so that of two lists that
// come at once one stays, and not both.
func (t *tx) PutBackupCodes(deviceID string, digests [][]byte) error {
	if err := t.must(`UPDATE devices SET last_counter = last_counter + 1 WHERE id = ?`, deviceID); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM backup_codes WHERE device_id = ?`, deviceID); err != nil {
		return err
	}
	for _, digest := range digests {
		if _, err := t.exec(`INSERT INTO backup_codes (device_id, digest, used_at) VALUES (?, ?, 0)`, deviceID, blob(digest)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) BackupCodes(deviceID string) (all, used int, err error) {
	n, err := get[struct {
		Codes int `db:"codes"`
		Used  int `db:"used"`
	}](t, `SELECT COUNT(*) AS codes, COUNT(CASE WHEN used_at <> 0 THEN 1 END) AS used
		FROM backup_codes WHERE device_id = ?`, deviceID)
	return n.Codes, n.Used, err
}

// ConsumeBackupCode touches the device's row first, as whoever blocks or removes
// it does: it stays active until this transaction ends. The row of the digest
// says who won.
func (t *tx) ConsumeBackupCode(deviceID string, digest []byte, at time.Time) (bool, error) {
	held, err := t.won(`UPDATE devices SET last_used_at = ? WHERE id = ? AND status = 'active' AND EXISTS (
		SELECT 1 FROM backup_codes WHERE device_id = ? AND digest = ? AND used_at = 0)`,
		millis(at), deviceID, deviceID, blob(digest))
	if err != nil || !held {
		return false, err
	}
	return t.won(`UPDATE backup_codes SET used_at = ?
		WHERE device_id = ? AND digest = ? AND used_at = 0`, millis(at), deviceID, blob(digest))
}
