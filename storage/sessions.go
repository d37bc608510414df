package storage

import (
	"time"

	"github.com/doorward/doorward/authcore"
)

type sessionRow struct {
	ID        string `db:"id"`
	Tenant    string `db:"tenant"`
	UserID    string `db:"user_id"`
	DeviceID  string `db:"device_id"`
	Audience  string `db:"audience"`
	ClientID  string `db:"client_id"`
	Client    string `db:"client_device"`
	Address   string `db:"address"`
	Agent     string `db:"agent"`
	Epoch     int64  `db:"epoch"`
	AuthTime  int64  `db:"auth_time"`
	OTPTime   int64  `db:"otp_time"`
	ExpiresAt int64  `db:"expires_at"`
	EndedAt   int64  `db:"ended_at"`
}

const selectSession = `SELECT id, tenant, user_id, device_id, audience, client_id, client_device, address, agent, epoch,
	auth_time, otp_time, expires_at, ended_at FROM sessions`

func (r sessionRow) session() authcore.Session {
	return authcore.Session{
		ID: r.ID, Tenant: r.Tenant, UserID: r.UserID, DeviceID: r.DeviceID,
		Audience: r.Audience, ClientID: r.ClientID, ClientDevice: r.Client, Address: r.Address, Agent: r.Agent, Epoch: r.Epoch,
		AuthTime: moment(r.AuthTime), OTPTime: moment(r.OTPTime),
		ExpiresAt: moment(r.ExpiresAt), EndedAt: moment(r.EndedAt),
	}
}

func (t *tx) CreateSession(s authcore.Session) error {
	return t.insert(`INSERT INTO sessions (id, tenant, user_id, device_id, audience, client_id, client_device, address, agent, epoch,
			auth_time, otp_time, expires_at, ended_at)
		VALUES (:id, :tenant, :user_id, :device_id, :audience, :client_id, :client_device, :address, :agent, :epoch,
			:auth_time, :otp_time, :expires_at, :ended_at)`,
		sessionRow{
			ID: s.ID, Tenant: s.Tenant, UserID: s.UserID, DeviceID: s.DeviceID,
			Audience: s.Audience, ClientID: s.ClientID, Client: s.ClientDevice, Address: s.Address, Agent: s.Agent, Epoch: s.Epoch,
			AuthTime: millis(s.AuthTime), OTPTime: millis(s.OTPTime),
			ExpiresAt: millis(s.ExpiresAt), EndedAt: millis(s.EndedAt),
		})
}

func (t *tx) SessionByID(id string) (authcore.Session, error) {
	r, err := get[sessionRow](t, selectSession+` WHERE id = ?`, id)
	if err != nil {
		return authcore.Session{}, err
	}
	return r.session(), nil
}

func (t *tx) Sessions(userID string, now time.Time) ([]authcore.Session, error) {
	query, args := selectSession+` WHERE ended_at = 0 AND expires_at > ?`, []any{millis(now)}
	if userID != "" {
		query, args = query+` AND user_id = ?`, append(args, userID)
	}
	rows, err := list[sessionRow](t, query+` ORDER BY seq DESC`, args...)
	if err != nil {
		return nil, err
	}
	sessions := make([]authcore.Session, len(rows))
	for i, r := range rows {
		sessions[i] = r.session()
	}
	return sessions, nil
}

// ends tell which column a subject of sessions stands in. The last condition of a
// device is that of an index, which no database uses for a placeholder without it.
var ends = map[authcore.SubjectKind]string{
	authcore.SubjectUser:    `UPDATE sessions SET ended_at = ? WHERE user_id = ? AND ended_at = 0`,
	authcore.SubjectSession: `UPDATE sessions SET ended_at = ? WHERE id = ? AND ended_at = 0`,
	authcore.SubjectDevice: `UPDATE sessions SET ended_at = ? WHERE ended_at = 0
		AND (device_id = ? OR client_device = ? AND client_device <> '')`,
}

func (t *tx) EndSessions(of authcore.Subject, at time.Time) (int64, error) {
	update, known := ends[of.Kind]
	if !known {
		return 0, authcore.Errorf(authcore.CodeInternal, "%q has no sessions", of.Kind)
	}
	args := []any{millis(at), of.ID}
	if of.Kind == authcore.SubjectDevice {
		args = append(args, of.ID) // by whose code it was opened, or which it is bound to
	}
	return t.exec(update, args...)
}
