package authcore

import (
	"context"
	"time"
)

// Channel delivers messages to addresses of one kind of device. A Caddy module
// in the namespace doorward.channels implements it.
//
// Send is called outside of any transaction, for several messages at once, and
// returns before ctx ends, which it does within [ChannelTime]. It returns nil
// when whoever is next on the way has taken the message. An error with
// CodeUnavailable means that the message was surely not sent; any other, that
// it may have been. The text of an error is for the log: it has neither the
// code nor the address.
type Channel interface {
	// Reaches says whether Send knows what to do with the address of a device of
	// this kind.
	Reaches(kind DeviceKind) bool
	Send(ctx context.Context, m Message) error
}

// ChannelTime bounds one delivery.
const ChannelTime = 10 * time.Second

// Message is one text to one person.
type Message struct {
	ID       string // differs for every message; the same when it is sent again
	To       string // E.164, an e-mail address, or what wakes an app
	Language string // BCP 47, one of those there are texts in
	Subject  string // for channels that have one
	Text     string
	// Code is the one-time password in Text; empty when there is none.
	Code string
	// ExpiresAt is when Code ends; zero without one.
	ExpiresAt time.Time
}
