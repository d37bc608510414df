package authcore

import "time"

// Session is one login: who, with what, until when.
type Session struct {
	ID       string // UUID; names the session, opens nothing by itself
	Tenant   string
	UserID   string
	DeviceID string // the device whose code was used
	Audience string // the site the login was for
	ClientID string // the door it came through: the name of the dialect
	// ClientDevice is the registered device that the session is bound to; empty: none.
	ClientDevice string
	Address      string // where from, as text
	Agent        string // the browser, as it names itself; may be empty
	Epoch        int64
	AuthTime     time.Time // when the primary secret was shown
	OTPTime      time.Time // when the code was accepted
	// ExpiresAt is the absolute end; no token of the session lives longer.
	ExpiresAt time.Time
	EndedAt   time.Time // zero: not ended
}
