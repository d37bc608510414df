package authcore

import (
	"context"
	"time"
)

// DoorPortal is the door of those who sign in with a browser. The tokens of its
// sessions live Options.Idle and are issued anew when they are used.
const DoorPortal = "portal"

// DefaultIdle is how long a browser may do nothing before its session is over.
const DefaultIdle = 30 * time.Minute

// Renew gives a token that goes on with p's session when the one that proved p
// has passed half of its idle time; else, or when p came through another door,
// ok is false.
func (g *Gatekeeper) Renew(p *Principal) (token string, ok bool) { return "", false }

// Carry gives a token of p's session for another site. CodeUnauthenticated unless
// the session is one for all sites (Options.OneLogin) and still stands.
func (g *Gatekeeper) Carry(ctx context.Context, p *Principal, audience string) (token string, err error) {
	return "", errNotBuilt
}
