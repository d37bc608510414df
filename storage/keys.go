package storage

import "github.com/doorward/doorward/authcore"

type keyRow struct {
	ID         string `db:"id"`
	Algorithm  string `db:"algorithm"`
	Public     []byte `db:"public"`
	Private    []byte `db:"private"`
	CreatedAt  int64  `db:"created_at"`
	ActiveFrom int64  `db:"active_from"`
}

func (t *tx) SigningKeys() ([]authcore.SigningKey, error) {
	rows, err := list[keyRow](t, `SELECT id, algorithm, public, private, created_at, active_from
		FROM signing_keys ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	keys := make([]authcore.SigningKey, len(rows))
	for i, r := range rows {
		keys[i] = authcore.SigningKey{
			ID: r.ID, Algorithm: r.Algorithm, Public: r.Public, Sealed: r.Private,
			CreatedAt: moment(r.CreatedAt), ActiveFrom: moment(r.ActiveFrom),
		}
	}
	return keys, nil
}

func (t *tx) CreateSigningKey(k authcore.SigningKey) error {
	return t.insert(`INSERT INTO signing_keys (id, algorithm, public, private, created_at, active_from)
		VALUES (:id, :algorithm, :public, :private, :created_at, :active_from)`,
		keyRow{
			ID: k.ID, Algorithm: k.Algorithm, Public: blob(k.Public), Private: blob(k.Sealed),
			CreatedAt: millis(k.CreatedAt), ActiveFrom: millis(k.ActiveFrom),
		})
}

func (t *tx) RemoveSigningKey(id string) error {
	return t.must(`DELETE FROM signing_keys WHERE id = ?`, id)
}
