package authcore

import (
	"context"
	"time"
)

// Asker is a Channel to devices that answer by themselves: KindHTTP and KindStomp need one.
// For KindMobile any Channel will do, which wakes the app with a Message that has no code.
type Asker interface {
	Channel
	// CheckAddress refuses what Ask would not be allowed to reach, and says what is.
	CheckAddress(address string) error
	// Ask hands a question over, as Send does a message and with the same errors. answer is
	// the text that the device gave back at once; empty: it may come later.
	Ask(ctx context.Context, q Question) (answer string, err error)
}

// Listener is an Asker whose answers come by a way of their own.
type Listener interface {
	Asker
	// Listen gives each answer to take until ctx ends, and reconnects by itself. When take
	// returns nil the answer was dealt with, whatever it was; an error means that it is to
	// be brought again.
	Listen(ctx context.Context, take func(ctx context.Context, answer string) error)
}

// Question is one question to one device.
type Question struct {
	ID        string // of the challenge; the same when it is asked again
	To        string // the address of the device
	Text      string // a compact JWS (RFC 7515): see docs/answers.md
	ExpiresAt time.Time
}
