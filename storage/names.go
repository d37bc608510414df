package storage

// SetLogsIn writes the name of the device after it, as a user may have it already: as
// his e-mail, or by another device with the same address.
func (t *tx) SetLogsIn(id string, logsIn bool) error {
	if err := t.must(`UPDATE devices SET logs_in = ? WHERE id = ?`, flag(logsIn), id); err != nil {
		return err
	}
	return t.nameByDevices(`(SELECT user_id FROM devices WHERE id = ?)`, id)
}

// nameByDevices makes the addresses of a user's devices that log him in his names, and no
// other: user is SQL for who he is. What he is called already stays the kind of name that it is.
func (t *tx) nameByDevices(user string, args ...any) error {
	if _, err := t.exec(`DELETE FROM user_names WHERE kind = 'device' AND user_id = `+user+` AND NOT EXISTS (
		SELECT 1 FROM devices d WHERE d.user_id = user_names.user_id AND d.logs_in = 1 AND d.address = user_names.login)`, args...); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO user_names (tenant, login, kind, user_id)
		SELECT DISTINCT d.tenant, d.address, 'device', d.user_id FROM devices d
		WHERE d.user_id = `+user+` AND d.logs_in = 1 AND d.address <> '' AND NOT EXISTS (
			SELECT 1 FROM user_names n WHERE n.tenant = d.tenant AND n.login = d.address AND n.user_id = d.user_id)`, args...)
	return err
}
