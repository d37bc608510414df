package authcore

import (
	"context"
	"time"
)

// SharedKnock is a call of an integrator who signs each with a secret that we know too, before
// anything of it is believed.
type SharedKnock struct {
	Dialect string
	// Token is an app token (see Token). Empty: Name names the integrator, and a person's token
	// beside it says who acts.
	Token    string
	Name     string // name or ID
	Audience string // of the site
	From     Origin
	// Verify says whether the call is signed with secret, in constant time. once is what makes
	// the call this one, until when a copy of it would pass; empty: it may be repeated. It is
	// called for an integrator that is not known too, with a secret that is nobody's.
	Verify func(secret []byte, now time.Time) (once []byte, until time.Time, ok bool)
}

// AdmitShared says who calls. With Token the actor may do what the token's scope and the
// integrator's operations both have; one that was removed is nobody, whatever his token says.
// The errors are those of AdmitSigned. An empty Name is the only integrator of the dialect
// that there is in the default tenant; CodeUnauthenticated when there are none or several.
func (s *Integrators) AdmitShared(ctx context.Context, k SharedKnock) (Actor, error) {
	return Actor{}, errNotBuilt
}

// AppToken is what an integrator shows in place of its secret, for an hour: a JWT of the type
// app+jwt, which opens nothing but the dialect that it was made for, at one site.
type AppToken struct {
	Token     string
	ExpiresAt time.Time
	Scope     []string // the operations
}

// AppTokenLife is how long an AppToken is good.
const AppTokenLife = time.Hour

// Token makes an app token for who shows its secret (RFC 6749 section 4.4). scope are the
// operations that it is for, empty: all that the integrator may ask for. The errors are those
// of Admit; CodeForbidden with ReasonOperation for an operation that it may not ask for.
func (s *Integrators) Token(ctx context.Context, k Knock, audience string, scope []string) (AppToken, error) {
	return AppToken{}, errNotBuilt
}
