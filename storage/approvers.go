package storage

import "github.com/doorward/doorward/authcore"

type approverRow struct {
	Account   string `db:"account_id"`
	UserID    string `db:"user_id"`
	Document  string `db:"document"`
	Phone     string `db:"phone"`
	Email     string `db:"email"`
	Face      string `db:"face"`
	CreatedAt int64  `db:"created_at"`
}

const selectApprover = `SELECT account_id, user_id, document, phone, email, face, created_at FROM approvers`

func (r approverRow) approver() authcore.Approver {
	return authcore.Approver{
		Account: r.Account, UserID: r.UserID, Document: r.Document, Phone: r.Phone, Email: r.Email, Face: r.Face, CreatedAt: moment(r.CreatedAt),
	}
}

func (t *tx) CreateApprover(a authcore.Approver) error {
	return t.insert(`INSERT INTO approvers (account_id, user_id, document, phone, email, face, created_at)
		VALUES (:account_id, :user_id, :document, :phone, :email, :face, :created_at)`, approverRow{
		Account: a.Account, UserID: a.UserID, Document: a.Document, Phone: a.Phone, Email: a.Email, Face: a.Face, CreatedAt: millis(a.CreatedAt),
	})
}

func (t *tx) ApproverByDocument(account, document string) (authcore.Approver, error) {
	return t.approver(` WHERE account_id = ? AND document = ?`, account, document)
}

func (t *tx) ApproverByUser(account, userID string) (authcore.Approver, error) {
	return t.approver(` WHERE account_id = ? AND user_id = ?`, account, userID)
}

func (t *tx) approver(where, account, who string) (authcore.Approver, error) {
	r, err := get[approverRow](t, selectApprover+where, account, who)
	if err != nil {
		return authcore.Approver{}, err
	}
	return r.approver(), nil
}

func (t *tx) Approvers(account string) ([]authcore.Approver, error) {
	rows, err := list[approverRow](t, selectApprover+` WHERE account_id = ? ORDER BY seq`, account)
	if err != nil {
		return nil, err
	}
	approvers := make([]authcore.Approver, len(rows))
	for i, r := range rows {
		approvers[i] = r.approver()
	}
	return approvers, nil
}

func (t *tx) RemoveApprover(account, userID string) (bool, error) {
	return t.won(`DELETE FROM approvers WHERE account_id = ? AND user_id = ?`, account, userID)
}
