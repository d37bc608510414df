package storage

// AssignDevice takes the row of the device first, as a login does, and then what is
// on its way to it. A picture that waits for its reader is the key of whom the
// device leaves; one that was read stays, as it says that the key was shown.
// A client device was let in for one user, and goes to no other.
func (t *tx) AssignDevice(id, from, to string) (bool, error) {
	had, err := t.won(`UPDATE devices SET user_id = NULLIF(?, ''), name = '', notified = 0, logs_in = 0,
			assigned = (SELECT COALESCE(MAX(others.assigned), 0) + 1 FROM devices others WHERE others.user_id = NULLIF(?, ''))
		WHERE id = ? AND kind <> 'client' AND COALESCE(user_id, '') = ?`+ended, to, to, id, from)
	if err != nil || !had {
		return false, err
	}
	if _, err := t.exec(`DELETE FROM challenges WHERE device_id = ?`, id); err != nil {
		return false, err
	}
	if from == "" {
		return true, nil
	}
	if _, err = t.exec(`DELETE FROM pictures WHERE device_id = ? AND taken_at = 0`, id); err != nil {
		return false, err
	}
	if err = t.nameByDevices(`?`, from); err != nil {
		return false, err
	}
	_, err = t.exec(`UPDATE users SET had_device = 1 WHERE id = ?
		AND EXISTS (SELECT 1 FROM devices WHERE devices.id = ? AND status NOT IN ('pending', 'rejected'))`, from, id)
	return true, err
}

// RemoveDevice removes the device first, as a login holds that before its tries. A
// client device is no factor: who had nothing else still enrols his first.
func (t *tx) RemoveDevice(id string) error {
	owner, err := get[struct {
		ID    string `db:"user_id"`
		Had   bool   `db:"had"`
		Named bool   `db:"logs_in"`
	}](t, `DELETE FROM devices WHERE id = ? RETURNING COALESCE(user_id, '') AS user_id,
		CASE WHEN kind = 'client' OR status IN ('pending', 'rejected') THEN 0 ELSE 1 END AS had, logs_in`, id)
	if err != nil {
		return err
	}
	if owner.Had {
		if _, err := t.exec(`UPDATE users SET had_device = 1 WHERE id = ?`, owner.ID); err != nil {
			return err
		}
	}
	if owner.Named {
		if err := t.nameByDevices(`?`, owner.ID); err != nil {
			return err
		}
	}
	return t.tidyAfter(id)
}

func (t *tx) HadDevice(userID string) (bool, error) {
	had, err := get[int](t, `SELECT had_device FROM users WHERE id = ?`, userID)
	return had != 0, err
}
