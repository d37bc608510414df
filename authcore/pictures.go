package authcore

import (
	"context"
	"time"
)

// Show makes a token with which one reader gets the key of a device as a QR code,
// within PictureLifetime, in place of one that nobody used. label is the account
// that his app shows; empty: the user's name, or the serial. CodeConflict when the
// key was shown before: at its registration to an operator, to a reader, or ever, for
// one that was imported (law 11).
func (s *Devices) Show(ctx context.Context, actor Actor, ref, label string) (token string, expires time.Time, err error) {
	return "", time.Time{}, errNotBuilt
}

// Shown is the device whose key a token of Show gives, as long as nobody took it.
// CodeNotFound for any other token.
func (s *Devices) Shown(ctx context.Context, token string) (Device, error) {
	return Device{}, errNotBuilt
}

// Take gives the otpauth URI of the device's key to the first who asks.
// CodeNotFound for everybody else.
func (s *Devices) Take(ctx context.Context, token string, from Origin) (uri string, err error) {
	return "", errNotBuilt
}
