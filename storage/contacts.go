package storage

import (
	"strings"

	"github.com/doorward/doorward/authcore"
)

// likely keeps what the words say from being a pattern.
var likely = strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`)

// FindUsers turns the words into small letters here: the columns hold none other,
// and SQLite knows those of ASCII only.
func (t *tx) FindUsers(tenant, words string, limit int) ([]authcore.User, error) {
	pattern := "%" + likely.Replace(strings.ToLower(words)) + "%"
	rows, err := list[userRow](t, selectUser+` WHERE u.tenant = ?
		AND (u.name LIKE ? ESCAPE '!' OR u.email LIKE ? ESCAPE '!' OR u.phone LIKE ? ESCAPE '!')
		ORDER BY u.name LIMIT ?`, tenant, pattern, pattern, pattern, max(0, limit))
	if err != nil {
		return nil, err
	}
	users := make([]authcore.User, len(rows))
	for i, r := range rows {
		if users[i], err = r.user(); err != nil {
			return nil, err
		}
	}
	return users, nil
}

// SetUserContacts writes the words that he logs in with anew: his name stays, and what his
// devices log him in with.
func (t *tx) SetUserContacts(id, email, phone string) error {
	if err := t.must(`UPDATE users SET email = ?, phone = ? WHERE id = ?`, email, phone, id); err != nil {
		return err
	}
	u, err := t.UserByID(id)
	if err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM user_names WHERE user_id = ?`, id); err != nil {
		return err
	}
	if err := t.createNames(u); err != nil {
		return err
	}
	return t.nameByDevices(`?`, id)
}
