package authcore

import "time"

// InviteLifetime is that of an invitation (DEV-01).
const InviteLifetime = 24 * time.Hour

// Invite lets its user enrol a device with his password alone. It is used once.
type Invite struct {
	UserID    string
	Digest    []byte // SHA-256 of the token
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero: not yet
}
