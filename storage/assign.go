package storage

func (t *tx) AssignDevice(id, from, to string) (bool, error) {
	if _, err := t.exec(`DELETE FROM challenges WHERE device_id = ?`, id); err != nil {
		return false, err
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
