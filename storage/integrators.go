package storage

import (
	"encoding/json"
	"errors"
	"net/netip"

	"github.com/doorward/doorward/authcore"
)

type integratorRow struct {
	ID         string `db:"id"`
	Name       string `db:"name"`
	Dialect    string `db:"dialect"`
	Tenant     string `db:"tenant"`
	Digest     []byte `db:"digest"`
	PublicKey  []byte `db:"public_key"`
	Secret     []byte `db:"secret"`
	Operations string `db:"operations"` // a JSON array
	Allow      string `db:"allow"`      // a JSON array
	Rate       int    `db:"rate"`
	CreatedAt  int64  `db:"created_at"`
}

const selectIntegrator = `SELECT id, name, dialect, tenant, digest, public_key, secret, operations, allow, rate, created_at FROM integrators`

func (r integratorRow) integrator() (authcore.Integrator, error) {
	i := authcore.Integrator{
		ID: r.ID, Name: r.Name, Dialect: r.Dialect, Tenant: r.Tenant, Digest: r.Digest, PublicKey: r.PublicKey, Sealed: r.Secret, Rate: r.Rate, CreatedAt: moment(r.CreatedAt),
	}
	// Unreadable limits must not read as none, and null is none that we wrote.
	err := errors.Join(json.Unmarshal([]byte(r.Operations), &i.Operations), json.Unmarshal([]byte(r.Allow), &i.Allow))
	if err != nil || i.Operations == nil || i.Allow == nil {
		return authcore.Integrator{}, authcore.Wrap(authcore.CodeInternal, err, "the limits of integrator "+r.ID+" are unreadable")
	}
	return i, nil
}

func (t *tx) CreateIntegrator(i authcore.Integrator) error {
	operations, err := json.Marshal(append([]string{}, i.Operations...))
	if err != nil {
		return authcore.Wrap(authcore.CodeInvalid, err, "the operations can't be stored")
	}
	allow, err := json.Marshal(append([]netip.Prefix{}, i.Allow...))
	if err != nil {
		return authcore.Wrap(authcore.CodeInvalid, err, "the addresses can't be stored")
	}
	return t.insert(`INSERT INTO integrators (id, name, dialect, tenant, digest, public_key, secret, operations, allow, rate, created_at)
		VALUES (:id, :name, :dialect, :tenant, :digest, :public_key, :secret, :operations, :allow, :rate, :created_at)`, integratorRow{
		ID: i.ID, Name: i.Name, Dialect: i.Dialect, Tenant: i.Tenant, Digest: blob(i.Digest), PublicKey: blob(i.PublicKey), Secret: blob(i.Sealed), Operations: string(operations),
		Allow: string(allow), Rate: i.Rate, CreatedAt: millis(i.CreatedAt),
	})
}

func (t *tx) IntegratorByName(name string) (authcore.Integrator, error) {
	return t.integrator(selectIntegrator+` WHERE name = ?`, name)
}

func (t *tx) IntegratorByID(id string) (authcore.Integrator, error) {
	return t.integrator(selectIntegrator+` WHERE id = ?`, id)
}

func (t *tx) integrator(query, of string) (authcore.Integrator, error) {
	r, err := get[integratorRow](t, query, of)
	if err != nil {
		return authcore.Integrator{}, err
	}
	return r.integrator()
}

func (t *tx) Integrators() ([]authcore.Integrator, error) {
	rows, err := list[integratorRow](t, selectIntegrator+` ORDER BY name`)
	if err != nil {
		return nil, err
	}
	integrators := make([]authcore.Integrator, len(rows))
	for i, r := range rows {
		if integrators[i], err = r.integrator(); err != nil {
			return nil, err
		}
	}
	return integrators, nil
}

func (t *tx) RemoveIntegrator(id string) error {
	return t.must(`DELETE FROM integrators WHERE id = ?`, id)
}
