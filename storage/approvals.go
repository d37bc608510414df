package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

type approvalRow struct {
	ID             string `db:"id"`
	DeviceID       string `db:"device_id"`
	UserID         string `db:"user_id"`
	AskedBy        string `db:"asked_by"`
	Way            string `db:"way"`
	Token          []byte `db:"token"`
	Tries          int    `db:"tries"`
	State          string `db:"state"`
	CreatedAt      int64  `db:"created_at"`
	TokenExpiresAt int64  `db:"token_expires_at"`
	ExpiresAt      int64  `db:"expires_at"`
	DecidedAt      int64  `db:"decided_at"`
	marksRow
}

const selectApproval = `SELECT id, device_id, user_id, asked_by, way, token, tries, state, session, session_digest, secret, public_key, face,
	created_at, token_expires_at, expires_at, decided_at FROM approvals`

func (r approvalRow) approval() authcore.Approval {
	return authcore.Approval{
		ID: r.ID, DeviceID: r.DeviceID, UserID: r.UserID, AskedBy: r.AskedBy, Way: authcore.ApprovalWay(r.Way), Token: r.Token, Tries: r.Tries,
		State: authcore.ApprovalState(r.State), Marks: r.marks(), CreatedAt: moment(r.CreatedAt),
		TokenExpiresAt: moment(r.TokenExpiresAt), ExpiresAt: moment(r.ExpiresAt), DecidedAt: moment(r.DecidedAt),
	}
}

func (t *tx) PutApproval(a authcore.Approval) error {
	return t.insert(`INSERT INTO approvals (id, device_id, user_id, asked_by, way, token, tries, state, session, session_digest, secret, public_key, face,
			created_at, token_expires_at, expires_at, decided_at, verified_at)
		VALUES (:id, :device_id, :user_id, :asked_by, :way, :token, :tries, :state, :session, :session_digest, :secret, :public_key, :face,
			:created_at, :token_expires_at, :expires_at, :decided_at, 0)
		ON CONFLICT (device_id) DO UPDATE SET
			id = excluded.id, user_id = excluded.user_id, asked_by = excluded.asked_by, way = excluded.way, token = excluded.token, tries = excluded.tries,
			state = excluded.state, session = excluded.session, session_digest = excluded.session_digest, secret = excluded.secret,
			public_key = excluded.public_key, face = excluded.face, created_at = excluded.created_at,
			token_expires_at = excluded.token_expires_at, expires_at = excluded.expires_at, decided_at = excluded.decided_at,
			verified_at = 0`,
		approvalRow{
			ID: a.ID, DeviceID: a.DeviceID, UserID: a.UserID, AskedBy: a.AskedBy, Way: string(a.Way), Token: blob(a.Token), Tries: a.Tries, State: string(a.State),
			CreatedAt: millis(a.CreatedAt), TokenExpiresAt: millis(a.TokenExpiresAt), ExpiresAt: millis(a.ExpiresAt), DecidedAt: millis(a.DecidedAt),
			marksRow: rowOf(a.Marks),
		})
}

func (t *tx) Approval(deviceID string) (authcore.Approval, error) {
	r, err := get[approvalRow](t, selectApproval+` WHERE device_id = ?`, deviceID)
	if err != nil {
		return authcore.Approval{}, err
	}
	return r.approval(), nil
}

func (t *tx) Waiting(userID string, now time.Time) ([]authcore.Approval, error) {
	rows, err := list[approvalRow](t, selectApproval+` WHERE user_id = ? AND state = 'pending' AND expires_at > ? ORDER BY created_at, seq`, userID, millis(now))
	if err != nil {
		return nil, err
	}
	approvals := make([]authcore.Approval, len(rows))
	for i, r := range rows {
		approvals[i] = r.approval()
	}
	return approvals, nil
}

func (t *tx) TryApproval(id string, limit int, now time.Time) (bool, error) {
	return t.won(`UPDATE approvals SET tries = tries + 1
		WHERE id = ? AND state <> 'refused' AND expires_at > ? AND tries < ?`, id, millis(now), limit)
}

func (t *tx) RefundApproval(id string) error {
	_, err := t.exec(`UPDATE approvals SET tries = tries - 1 WHERE id = ? AND tries > 0`, id)
	return err
}

func (t *tx) DecideApproval(id string, to authcore.ApprovalState, now time.Time) (bool, error) {
	return t.won(`UPDATE approvals SET state = ?, decided_at = ?
		WHERE id = ? AND state = 'pending' AND expires_at > ?`, to, millis(now), id, millis(now))
}

func (t *tx) RenewApproval(old string, a authcore.Approval, limit int) (bool, error) {
	return t.won(`UPDATE approvals SET id = ?, way = ?, token = ?, token_expires_at = ?, session = ?, verified_at = 0
		WHERE id = ? AND state = 'pending' AND tries < ?`,
		a.ID, string(a.Way), blob(a.Token), millis(a.TokenExpiresAt), blob(a.Session), old, limit)
}

func (t *tx) AskVerifier(id string, before, now time.Time) (bool, error) {
	return t.won(`UPDATE approvals SET verified_at = ?
		WHERE id = ? AND state = 'pending' AND verified_at <= ?`, millis(now), id, millis(before))
}
