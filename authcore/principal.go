package authcore

import (
	"slices"
	"sync/atomic"
	"time"
	"unique"
)

// Principal is who a request is proven to be. It is shared between requests:
// never change one.
type Principal struct {
	UserID   string
	Tenant   string
	Name     string
	Email    string
	Groups   []string
	DeviceID string // the device whose code was used
	// ClientDevice is the registered device that the session is bound to; empty: none.
	ClientDevice string
	SessionID    string
	ClientID     string   // the door of the login
	AMR          []string // RFC 8176
	AuthTime     time.Time
	OTPTime      time.Time
	ExpiresAt    time.Time
	epochs       epochs
	audience     string // of the token
	// everywhere says that the session is one for all sites.
	everywhere bool
	// ends is when what p has open ends: with the token, and, as a WebSocket can be
	// given no new cookie, with the session if that is a browser's.
	ends    time.Time
	renewal renewal
	// forgotten is Live.forgotten when p was held against the store.
	forgotten int64
	kept      atomic.Value
}

// Keep gives what a door makes of p, made once: it is shared between requests as
// p is, so nobody may change it.
func (p *Principal) Keep(make func(*Principal) any) any {
	if kept := p.kept.Load(); kept != nil {
		return kept
	}
	p.kept.CompareAndSwap(nil, make(p))
	return p.kept.Load()
}

// pack makes p small, for there are many: what differs lies in one piece, what
// is alike for many is shared.
func (p *Principal) pack() {
	text := p.UserID + p.Name + p.Email + p.DeviceID + p.ClientDevice + p.SessionID
	for _, s := range []*string{&p.UserID, &p.Name, &p.Email, &p.DeviceID, &p.ClientDevice, &p.SessionID} {
		*s, text = text[:len(*s)], text[len(*s):]
	}
	for _, s := range []*string{&p.Tenant, &p.ClientID, &p.audience} {
		*s = unique.Make(*s).Value()
	}
	for _, methods := range methodsOf {
		if slices.Equal(p.AMR, methods) {
			p.AMR = methods
		}
	}
	for i, group := range p.Groups {
		p.Groups[i] = unique.Make(group).Value()
	}
}

// proven is what a login was made of: a password or another identity source, and what the
// device was there for.
type proven struct {
	external bool
	by       string
}

// provenBy says what the device did (RFC 8176): an app signed with a key of its own, another
// device that answers with a secret, or a code was shown, from a text message or not.
func provenBy(kind DeviceKind, answered bool) string {
	switch {
	case answered && kind == KindMobile:
		return "swk"
	case answered:
		return "pop"
	case kind == KindPhone:
		return "sms"
	}
	return "otp"
}

// methodsOf tells it to others (RFC 8176). "fed" is not registered there, but
// the usual word for a login that another source has vouched for.
var methodsOf = map[proven][]string{
	{false, "otp"}: {"pwd", "otp", "mfa"}, {true, "otp"}: {"fed", "otp", "mfa"},
	{false, "sms"}: {"pwd", "sms", "mfa"}, {true, "sms"}: {"fed", "sms", "mfa"},
	{false, "swk"}: {"pwd", "swk", "mfa"}, {true, "swk"}: {"fed", "swk", "mfa"},
	{false, "pop"}: {"pwd", "pop", "mfa"}, {true, "pop"}: {"fed", "pop", "mfa"},
}

// second is what the second factor was, of methods of methodsOf; empty: they are not.
func second(methods []string) string {
	for of, m := range methodsOf {
		if slices.Equal(m, methods) {
			return of.by
		}
	}
	return ""
}

// epochs are those that a token carries; client is 0 where there is none.
type epochs struct{ user, device, session, client int64 }

// Origin is where a request came from, for throttling and the audit.
type Origin struct {
	// Address is the client's, as Caddy sees it, without a port. IPv6 addresses
	// are counted by their /64: a caller has at least that many.
	Address   string
	RequestID string
}
