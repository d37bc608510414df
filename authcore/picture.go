package authcore

import "time"

// Picture is a QR code of a device's key that its first reader gets. It is made
// when that reader comes; what is kept is who may come.
type Picture struct {
	DeviceID  string
	Digest    []byte // SHA-256 of the token in its address
	Label     string // the account that an authenticator app shows
	CreatedAt time.Time
	ExpiresAt time.Time
	TakenAt   time.Time // zero: not yet
}

// PictureLifetime is how long a picture waits for its reader.
const PictureLifetime = 15 * time.Minute
