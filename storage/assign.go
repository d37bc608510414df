package storage

// AssignDevice takes the row of the device first, as a login does, and then what is
// on its way to it. A picture that waits for its reader is the key of whom the
// device leaves; one that was read stays, as it says that the key was shown.
func (t *tx) AssignDevice(id, from, to string) (bool, error) {
	had, err := t.won(`UPDATE devices SET user_id = NULLIF(?, ''), name = '',
			assigned = (SELECT COALESCE(MAX(others.assigned), 0) + 1 FROM devices others WHERE others.user_id = NULLIF(?, ''))
		WHERE id = ? AND COALESCE(user_id, '') = ?`+ended, to, to, id, from)
	if err != nil || !had {
		return false, err
	}
	if _, err := t.exec(`DELETE FROM challenges WHERE device_id = ?`, id); err != nil {
		return false, err
	}
	if from == "" {
		return true, nil
	}
	_, err = t.exec(`DELETE FROM pictures WHERE device_id = ? AND taken_at = 0`, id)
	return true, err
}

// RemoveDevice removes the device first, as a login holds that before its tries.
func (t *tx) RemoveDevice(id string) error {
	if err := t.must(`DELETE FROM devices WHERE id = ?`, id); err != nil {
		return err
	}
	return t.tidyAfter(id)
}
