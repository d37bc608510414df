package authcore

import "context"

// IdentitySource proves who somebody is elsewhere. A Caddy module in the
// namespace doorward.identities implements it.
type IdentitySource interface {
	// Verify gives the account that proof shows: a name that is unique at the
	// source and never given to another. Everything but the signature, the
	// audience and the time in order is CodeUnauthenticated; a source that does
	// not answer is CodeUnavailable. It returns before ctx ends. The text of an
	// error is for the log: it has nothing of the proof.
	Verify(ctx context.Context, proof Proof) (subject string, err error)
}

// Proof is what a client brings from an identity source. One of the two is set.
type Proof struct {
	// Token is an ID token, or an access token, whose audience is ours.
	Token string
	// Code is an authorization code (RFC 6749 section 4.1.2).
	Code string
}

// Identity links an account at a source to a user.
type Identity struct {
	Tenant  string
	Source  string // the name in the configuration
	Subject string // OpenID Connect: the claim sub
	UserID  string
}
