package storage

import "time"

func (t *tx) PutBackupCodes(deviceID string, digests [][]byte) error { return errLater }

func (t *tx) BackupCodes(deviceID string) (all, used int, err error) { return 0, 0, errLater }

func (t *tx) ConsumeBackupCode(deviceID string, digest []byte, at time.Time) (bool, error) {
	return false, errLater
}
