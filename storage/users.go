package storage

import (
	"encoding/json"

	"github.com/doorward/doorward/authcore"
)

type userRow struct {
	ID        string `db:"id"`
	Tenant    string `db:"tenant"`
	Name      string `db:"name"`
	Email     string `db:"email"`
	Phone     string `db:"phone"`
	Groups    string `db:"groups"` // a JSON array
	Language  string `db:"language"`
	Password  string `db:"password"`
	Disabled  int    `db:"disabled"`
	Strict    int    `db:"strict_devices"`
	Restored  string `db:"restored_by"`
	Epoch     int64  `db:"epoch"`
	CreatedAt int64  `db:"created_at"`
}

const selectUser = `SELECT u.id, u.tenant, u.name, u.email, u.phone, u.groups, u.language, u.password,
	u.disabled, u.strict_devices, u.restored_by, u.epoch, u.created_at FROM users u`

func (r userRow) user() (authcore.User, error) {
	u := authcore.User{
		ID: r.ID, Tenant: r.Tenant, Name: r.Name, Email: r.Email, Phone: r.Phone, Language: r.Language,
		Password: r.Password, Disabled: r.Disabled != 0, StrictDevices: r.Strict != 0, RestoredBy: r.Restored, Epoch: r.Epoch, CreatedAt: moment(r.CreatedAt),
	}
	// Unreadable groups must not read as "no groups": a rule could rest on them.
	if err := json.Unmarshal([]byte(r.Groups), &u.Groups); err != nil {
		return authcore.User{}, authcore.Wrap(authcore.CodeInternal, err, "the groups of user "+r.ID+" are unreadable")
	}
	return u, nil
}

func (t *tx) user(query string, args ...any) (authcore.User, error) {
	r, err := get[userRow](t, query, args...)
	if err != nil {
		return authcore.User{}, err
	}
	return r.user()
}

func (t *tx) UserByLogin(tenant, login string) (authcore.User, error) {
	return t.user(selectUser+` JOIN user_names n ON n.user_id = u.id WHERE n.tenant = ? AND n.login = ?`, tenant, login)
}

func (t *tx) UserByID(id string) (authcore.User, error) {
	return t.user(selectUser+` WHERE u.id = ?`, id)
}

func (t *tx) Users(tenant string) ([]authcore.User, error) {
	query, args := selectUser+` WHERE u.tenant = ? ORDER BY u.name`, []any{tenant}
	if tenant == "" {
		query, args = selectUser+` ORDER BY u.name, u.tenant`, nil
	}
	rows, err := list[userRow](t, query, args...)
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

func (t *tx) CreateUser(u authcore.User) error {
	groups, err := json.Marshal(append([]string{}, u.Groups...))
	if err != nil {
		return authcore.Wrap(authcore.CodeInvalid, err, "the groups can't be stored")
	}
	r := userRow{
		ID: u.ID, Tenant: u.Tenant, Name: u.Name, Email: u.Email, Phone: u.Phone, Groups: string(groups),
		Language: u.Language, Password: u.Password, Disabled: flag(u.Disabled), Strict: flag(u.StrictDevices), Epoch: u.Epoch, CreatedAt: millis(u.CreatedAt),
	}
	err = t.insert(`INSERT INTO users (id, tenant, name, email, phone, groups, language, password, disabled, strict_devices, epoch, created_at)
		VALUES (:id, :tenant, :name, :email, :phone, :groups, :language, :password, :disabled, :strict_devices, :epoch, :created_at)`, r)
	if err != nil {
		return err
	}
	return t.createNames(u)
}

// createNames notes under which words the user logs in. The key of the table
// keeps one word from meaning two users, whatever kind of name it is; one user
// may have the same word twice (a name that is his e-mail).
func (t *tx) createNames(u authcore.User) error {
	seen := map[string]bool{"": true}
	for _, n := range []struct{ kind, login string }{{"name", u.Name}, {"email", u.Email}, {"phone", u.Phone}} {
		if seen[n.login] {
			continue
		}
		seen[n.login] = true
		_, err := t.exec(`INSERT INTO user_names (tenant, login, kind, user_id) VALUES (?, ?, ?, ?)`, u.Tenant, n.login, n.kind, u.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) SetUserDisabled(id string, disabled bool) error {
	return t.must(`UPDATE users SET disabled = ? WHERE id = ?`, flag(disabled), id)
}

func (t *tx) SetStrictDevices(id string, strict bool) error {
	return t.must(`UPDATE users SET strict_devices = ? WHERE id = ?`, flag(strict), id)
}

// flag is a truth as the schema keeps it.
func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (t *tx) SetUserPassword(id, old, hash string) (bool, error) {
	if old == "" {
		return t.won(`UPDATE users SET password = ? WHERE id = ?`, hash, id)
	}
	return t.won(`UPDATE users SET password = ? WHERE id = ? AND password = ?`, hash, id, old)
}

func (t *tx) SetRestoredBy(id, address string) error {
	return t.must(`UPDATE users SET restored_by = ? WHERE id = ?`, address, id)
}

func (t *tx) LockUser(id string) error {
	return t.must(`UPDATE users SET id = id WHERE id = ?`, id)
}

func (t *tx) RemoveUser(id string) error {
	// First what a login holds too, in its order: the devices, the challenges and
	// the tries. Then what the schema can't cascade: rows that name their owner
	// by kind.
	for _, query := range []string{
		`UPDATE devices SET id = id WHERE user_id = ?`,
		`DELETE FROM challenges WHERE user_id = ?`,
		`DELETE FROM attempts WHERE kind = 'device' AND subject IN (SELECT id FROM devices WHERE user_id = ?)`,
		`DELETE FROM refs WHERE kind = 'device' AND id IN (SELECT id FROM devices WHERE user_id = ?)`,
		`DELETE FROM attributes WHERE owner_kind = 'device' AND owner IN (SELECT id FROM devices WHERE user_id = ?)`,
		`DELETE FROM attempts WHERE kind IN ('password', 'send_user') AND subject = ?`,
		`DELETE FROM refs WHERE kind = 'user' AND id = ?`,
		`DELETE FROM attributes WHERE owner_kind = 'user' AND owner = ?`,
	} {
		if _, err := t.exec(query, id); err != nil {
			return err
		}
	}
	return t.must(`DELETE FROM users WHERE id = ?`, id)
}
