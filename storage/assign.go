package storage

// AssignDevice keeps a picture of what was in stock: whoever holds its address got it
// for the first owner.
func (t *tx) AssignDevice(id, from, to string) (bool, error) {
	if _, err := t.exec(`DELETE FROM challenges WHERE device_id = ?`, id); err != nil {
		return false, err
	}
	if from != "" {
		if _, err := t.exec(`DELETE FROM pictures WHERE device_id = ? AND taken_at = 0`, id); err != nil {
			return false, err
		}
	}
	return t.won(`UPDATE devices SET user_id = NULLIF(?, ''), name = '',
			assigned = (SELECT COALESCE(MAX(others.assigned), 0) + 1 FROM devices others WHERE others.user_id = NULLIF(?, ''))
		WHERE id = ? AND COALESCE(user_id, '') = ?`, to, to, id, from)
}

// RemoveDevice removes the device first, as a login holds that before its tries.
func (t *tx) RemoveDevice(id string) error {
	if err := t.must(`DELETE FROM devices WHERE id = ?`, id); err != nil {
		return err
	}
	return t.tidyAfter(id)
}
