package storage

import "github.com/doorward/doorward/authcore"

func (t *tx) LinkIdentity(i authcore.Identity) error {
	_, err := t.exec(`INSERT INTO identities (tenant, source, subject, user_id) VALUES (?, ?, ?, ?)`,
		i.Tenant, i.Source, i.Subject, i.UserID)
	return err
}

// UnlinkIdentity takes an account from the user that it is said to be linked to
// and from nobody else.
func (t *tx) UnlinkIdentity(i authcore.Identity) error {
	return t.must(`DELETE FROM identities WHERE tenant = ? AND source = ? AND subject = ? AND user_id = ?`,
		i.Tenant, i.Source, i.Subject, i.UserID)
}

func (t *tx) UserByIdentity(tenant, source, subject string) (authcore.User, error) {
	return t.user(selectUser+` JOIN identities i ON i.user_id = u.id
		WHERE i.tenant = ? AND i.source = ? AND i.subject = ?`, tenant, source, subject)
}

func (t *tx) Identities(userID string) ([]authcore.Identity, error) {
	rows, err := list[struct {
		Tenant  string `db:"tenant"`
		Source  string `db:"source"`
		Subject string `db:"subject"`
		UserID  string `db:"user_id"`
	}](t, `SELECT tenant, source, subject, user_id FROM identities
		WHERE user_id = ? ORDER BY source, subject`, userID)
	if err != nil {
		return nil, err
	}
	identities := make([]authcore.Identity, len(rows))
	for i, r := range rows {
		identities[i] = authcore.Identity{Tenant: r.Tenant, Source: r.Source, Subject: r.Subject, UserID: r.UserID}
	}
	return identities, nil
}
