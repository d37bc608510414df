package storage

import (
	"github.com/jmoiron/sqlx"

	"github.com/doorward/doorward/authcore"
)

type accountRow struct {
	ID        string `db:"id"`
	Tenant    string `db:"tenant"`
	Name      string `db:"name"`
	Status    string `db:"status"`
	Hub       int    `db:"hub"`
	CreatedAt int64  `db:"created_at"`
}

const selectAccount = `SELECT id, tenant, name, status, hub, created_at FROM accounts`

func (r accountRow) account() authcore.Account {
	return authcore.Account{
		ID: r.ID, Tenant: r.Tenant, Name: r.Name, Status: authcore.AccountStatus(r.Status), Hub: r.Hub != 0, CreatedAt: moment(r.CreatedAt),
	}
}

func (t *tx) CreateAccount(a authcore.Account) error {
	return t.insert(`INSERT INTO accounts (id, tenant, name, status, hub, created_at)
		VALUES (:id, :tenant, :name, :status, :hub, :created_at)`, accountRow{
		ID: a.ID, Tenant: a.Tenant, Name: a.Name, Status: string(a.Status), Hub: flag(a.Hub), CreatedAt: millis(a.CreatedAt),
	})
}

func (t *tx) AccountByID(id string) (authcore.Account, error) {
	r, err := get[accountRow](t, selectAccount+` WHERE id = ?`, id)
	if err != nil {
		return authcore.Account{}, err
	}
	return r.account(), nil
}

func (t *tx) AccountByName(tenant, name string) (authcore.Account, error) {
	r, err := get[accountRow](t, selectAccount+` WHERE tenant = ? AND name = ?`, tenant, name)
	if err != nil {
		return authcore.Account{}, err
	}
	return r.account(), nil
}

func (t *tx) Accounts(tenant string) ([]authcore.Account, error) {
	rows, err := list[accountRow](t, selectAccount+` WHERE tenant = ? ORDER BY name`, tenant)
	if err != nil {
		return nil, err
	}
	accounts := make([]authcore.Account, len(rows))
	for i, r := range rows {
		accounts[i] = r.account()
	}
	return accounts, nil
}

func (t *tx) MoveAccount(id string, to authcore.AccountStatus, from ...authcore.AccountStatus) (bool, error) {
	if len(from) == 0 {
		return false, nil
	}
	query, args, err := sqlx.In(`UPDATE accounts SET status = ? WHERE id = ? AND status IN (?)`, to, id, from)
	if err != nil {
		return false, t.db.failure(err)
	}
	return t.won(query, args...)
}
