package storage

import "github.com/doorward/doorward/authcore"

type marksRow struct {
	Session       []byte `db:"session"`
	SessionDigest []byte `db:"session_digest"`
	Secret        []byte `db:"secret"`
	PublicKey     []byte `db:"public_key"`
	Face          string `db:"face"`
}

func rowOf(m authcore.Marks) marksRow {
	return marksRow{blob(m.Session), blob(m.SessionDigest), blob(m.Secret), blob(m.PublicKey), m.Face}
}

func (r marksRow) marks() authcore.Marks {
	return authcore.Marks{Session: r.Session, SessionDigest: r.SessionDigest, Secret: r.Secret, PublicKey: r.PublicKey, Face: r.Face}
}

type clientRow struct {
	ID      string `db:"id"`
	Account string `db:"account_id"` // NULL in the table when empty: a reference
	Key     string `db:"device_key"`
	marksRow
}

const selectClient = `SELECT c.id, COALESCE(c.account_id, '') AS account_id, c.device_key, c.session, c.session_digest, c.secret,
	c.public_key, c.face FROM clients c`

func (r clientRow) client() authcore.Client {
	return authcore.Client{DeviceID: r.ID, Account: r.Account, Key: r.Key, Marks: r.marks()}
}

func (t *tx) CreateClient(c authcore.Client) error {
	return t.insert(`INSERT INTO clients (id, account_id, device_key, session, session_digest, secret, public_key, face)
		VALUES (:id, NULLIF(:account_id, ''), :device_key, :session, :session_digest, :secret, :public_key, :face)`,
		clientRow{ID: c.DeviceID, Account: c.Account, Key: c.Key, marksRow: rowOf(c.Marks)})
}

func (t *tx) Client(deviceID string) (authcore.Client, error) {
	r, err := get[clientRow](t, selectClient+` WHERE c.id = ?`, deviceID)
	if err != nil {
		return authcore.Client{}, err
	}
	return r.client(), nil
}

func (t *tx) ClientBySecret(digest []byte) (authcore.Client, error) {
	r, err := get[clientRow](t, selectClient+` WHERE c.secret = ? AND length(c.secret) > 0`, blob(digest))
	if err != nil {
		return authcore.Client{}, err
	}
	return r.client(), nil
}

func (t *tx) ClientsBySession(userID string, digest []byte) ([]authcore.Client, error) {
	return t.clients(` JOIN devices d ON d.id = c.id WHERE c.session_digest = ? AND length(c.session_digest) > 0
		AND d.user_id = ? AND d.status = 'active' ORDER BY c.seq DESC`, blob(digest), userID)
}

func (t *tx) Clients(account string) ([]authcore.Client, error) {
	return t.clients(` WHERE c.account_id = ? ORDER BY c.seq`, account)
}

func (t *tx) clients(which string, args ...any) ([]authcore.Client, error) {
	rows, err := list[clientRow](t, selectClient+which, args...)
	if err != nil {
		return nil, err
	}
	clients := make([]authcore.Client, len(rows))
	for i, r := range rows {
		clients[i] = r.client()
	}
	return clients, nil
}

func (t *tx) MarkClient(deviceID string, m authcore.Marks) error {
	r := rowOf(m)
	return t.must(`UPDATE clients SET session = ?, session_digest = ?, secret = ?, public_key = ?, face = ? WHERE id = ?`,
		r.Session, r.SessionDigest, r.Secret, r.PublicKey, r.Face, deviceID)
}

func (t *tx) AppendStatus(deviceID string, c authcore.StatusChange) error {
	_, err := t.exec(`INSERT INTO client_history (device_id, status, reason, at) VALUES (?, ?, ?, ?)`, deviceID, c.Status, c.Reason, millis(c.At))
	return err
}

func (t *tx) History(deviceID string) ([]authcore.StatusChange, error) {
	rows, err := list[struct {
		Status string `db:"status"`
		Reason string `db:"reason"`
		At     int64  `db:"at"`
	}](t, `SELECT status, reason, at FROM client_history WHERE device_id = ? ORDER BY seq`, deviceID)
	if err != nil {
		return nil, err
	}
	changes := make([]authcore.StatusChange, len(rows))
	for i, r := range rows {
		changes[i] = authcore.StatusChange{Status: authcore.DeviceStatus(r.Status), Reason: r.Reason, At: moment(r.At)}
	}
	return changes, nil
}
