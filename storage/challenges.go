package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

type challengeRow struct {
	ID         string `db:"id"`
	UserID     string `db:"user_id"`
	DeviceID   string `db:"device_id"`
	Purpose    string `db:"purpose"`
	Binding    string `db:"binding"`
	Code       []byte `db:"code"`
	Tries      int    `db:"tries"`
	CreatedAt  int64  `db:"created_at"`
	ExpiresAt  int64  `db:"expires_at"`
	RedeemedAt int64  `db:"redeemed_at"`
	Number     string `db:"number"`
	Answer     string `db:"answer"`
	Address    string `db:"address"`
	Request    string `db:"request"`
}

// PutChallenge gives the row another id with everything else: who still holds
// the old one can neither try nor redeem it.
func (t *tx) PutChallenge(c authcore.Challenge) error {
	return t.insert(`INSERT INTO challenges (id, user_id, device_id, purpose, binding, code, tries,
			created_at, expires_at, redeemed_at, number, answer, address, request)
		VALUES (:id, :user_id, :device_id, :purpose, :binding, :code, :tries,
			:created_at, :expires_at, :redeemed_at, :number, :answer, :address, :request)
		ON CONFLICT (user_id, purpose) DO UPDATE SET
			id = excluded.id, device_id = excluded.device_id, binding = excluded.binding,
			code = excluded.code, tries = excluded.tries, created_at = excluded.created_at,
			expires_at = excluded.expires_at, redeemed_at = excluded.redeemed_at,
			number = excluded.number, answer = excluded.answer, address = excluded.address, request = excluded.request`,
		challengeRow{
			ID: c.ID, UserID: c.UserID, DeviceID: c.DeviceID, Purpose: string(c.Purpose), Binding: c.Binding,
			Code: blob(c.Sealed), Tries: c.Tries, CreatedAt: millis(c.CreatedAt),
			ExpiresAt: millis(c.ExpiresAt), RedeemedAt: millis(c.RedeemedAt),
			Number: c.Number, Answer: string(c.Answer), Address: c.Address, Request: c.Request,
		})
}

func (t *tx) Challenge(userID string, purpose authcore.Purpose) (authcore.Challenge, error) {
	r, err := get[challengeRow](t, selectChallenge+` WHERE user_id = ? AND purpose = ?`, userID, purpose)
	if err != nil {
		return authcore.Challenge{}, err
	}
	return r.challenge(), nil
}

func (t *tx) ChallengeByID(id string) (authcore.Challenge, error) {
	r, err := get[challengeRow](t, selectChallenge+` WHERE id = ?`, id)
	if err != nil {
		return authcore.Challenge{}, err
	}
	return r.challenge(), nil
}

func (t *tx) ChallengesTo(deviceID string, now time.Time) ([]authcore.Challenge, error) {
	rows, err := list[challengeRow](t, selectChallenge+` WHERE device_id = ? AND answer = '' AND redeemed_at = 0 AND expires_at > ?
		ORDER BY created_at, id`, deviceID, millis(now))
	if err != nil {
		return nil, err
	}
	challenges := make([]authcore.Challenge, len(rows))
	for i, r := range rows {
		challenges[i] = r.challenge()
	}
	return challenges, nil
}

func (t *tx) AnswerChallenge(id string, a authcore.Answer, now time.Time) (bool, error) {
	return t.won(`UPDATE challenges SET answer = ? WHERE id = ? AND answer = '' AND redeemed_at = 0 AND expires_at > ?`, string(a), id, millis(now))
}

const selectChallenge = `SELECT id, user_id, device_id, purpose, binding, code, tries,
	created_at, expires_at, redeemed_at, number, answer, address, request FROM challenges`

func (r challengeRow) challenge() authcore.Challenge {
	return authcore.Challenge{
		ID: r.ID, UserID: r.UserID, DeviceID: r.DeviceID, Purpose: authcore.Purpose(r.Purpose), Binding: r.Binding,
		Sealed: r.Code, Tries: r.Tries, CreatedAt: moment(r.CreatedAt),
		ExpiresAt: moment(r.ExpiresAt), RedeemedAt: moment(r.RedeemedAt),
		Number: r.Number, Answer: authcore.Answer(r.Answer), Address: r.Address, Request: r.Request,
	}
}

func (t *tx) TryChallenge(id string, limit int, now time.Time) (bool, error) {
	return t.won(`UPDATE challenges SET tries = tries + 1
		WHERE id = ? AND redeemed_at = 0 AND answer <> 'no' AND expires_at > ? AND tries < ?`, id, millis(now), limit)
}

func (t *tx) RefundChallenge(id string) error {
	_, err := t.exec(`UPDATE challenges SET tries = tries - 1 WHERE id = ? AND tries > 0`, id)
	return err
}

// RedeemChallenge touches the device's row first, as ConsumeBackupCode does: who
// does not win undoes it with the rest.
func (t *tx) RedeemChallenge(id string, now time.Time) (bool, error) {
	held, err := t.won(`UPDATE devices SET last_used_at = ? WHERE status = 'active' AND id = (
		SELECT device_id FROM challenges WHERE id = ?)`, millis(now), id)
	if err != nil || !held {
		return false, err
	}
	return t.won(`UPDATE challenges SET redeemed_at = ?
		WHERE id = ? AND expires_at > ? AND redeemed_at = 0 AND answer <> 'no'`, millis(now), id, millis(now))
}

func (t *tx) RemoveChallenge(id string) error {
	_, err := t.exec(`DELETE FROM challenges WHERE id = ?`, id)
	return err
}
