package authcore

import (
	"context"
	"sync"
	"time"
)

// DoorPortal is the door of those who sign in with a browser. The tokens of its
// sessions live Options.Idle and are issued anew when they are used.
const DoorPortal = "portal"

// DefaultIdle is how long a browser may do nothing before its session is over.
const DefaultIdle = 30 * time.Minute

// EveryAudience is the audience of a session that is good for all sites. No token
// has it: each is for one.
const EveryAudience = "*"

// lifeOf is how long a token of a door lives.
func (c *Core) lifeOf(door string) time.Duration {
	if door == DoorPortal {
		return c.idle
	}
	return c.tokenLifetime
}

// renewal is what follows a token: another for its site, and maybe one for another
// site. It is kept with the principal, which many requests share, so that those that
// come at once sign one.
type renewal struct {
	mu     sync.Mutex
	tokens map[string]string // by audience
}

// OneLogin says whether the sessions of browsers count for every audience.
func (g *Gatekeeper) OneLogin() bool { return g.oneLogin }

// Renew gives a token that goes on with p's session when the one that proved p
// has passed half of its idle time; else, or when p came through another door,
// ok is false. What it gives was proven as p was and ends with p's session: it has
// p's epochs, so that what revokes p, before or after, revokes it.
func (g *Gatekeeper) Renew(p *Principal) (token string, ok bool) {
	return g.renew(p, p.audience)
}

// RenewAt is Renew for another site, when p's session is one for all: whoever works
// at one site is not idle at the others.
func (g *Gatekeeper) RenewAt(p *Principal, audience string) (token string, ok bool) {
	if !p.everywhere || !g.oneLogin {
		return "", false
	}
	return g.renew(p, audience)
}

func (g *Gatekeeper) renew(p *Principal, audience string) (token string, ok bool) {
	now := g.now()
	if p.ClientID != DoorPortal || p.ExpiresAt.Sub(now) >= g.idle/2 {
		return "", false
	}
	if expires := g.expires(p, now); !expires.After(p.ExpiresAt) || !now.Before(p.ExpiresAt) {
		return "", false // the session ends with this token, or has ended
	}
	p.renewal.mu.Lock()
	defer p.renewal.mu.Unlock()
	if token = p.renewal.tokens[audience]; token != "" {
		return token, true
	}
	token, err := g.reissue(p, audience, now)
	if err != nil {
		g.log.Warn("a token can't be renewed", "error", err) // the old one is still good
		return "", false
	}
	if p.renewal.tokens == nil {
		p.renewal.tokens = map[string]string{}
	}
	p.renewal.tokens[audience] = token
	return token, true
}

// Carry gives a token of p's session for another site. CodeUnauthenticated unless
// the session is one for all sites (Options.OneLogin) and still stands: it asks
// the store.
func (g *Gatekeeper) Carry(ctx context.Context, p *Principal, audience string) (token string, err error) {
	now := g.now()
	if audience == "" || audience == EveryAudience || !now.Before(p.ExpiresAt) {
		return "", refused()
	}
	s, _, err := g.find(ctx, p.claims(audience), now)
	if err != nil {
		return "", err
	}
	if s.Audience != EveryAudience {
		return "", refused()
	}
	return g.reissue(p, audience, now)
}

// expires is when a token of p's session that is made now ends.
func (g *Gatekeeper) expires(p *Principal, now time.Time) time.Time {
	return time.Unix(earlier(now.Add(g.idle), p.ends).Unix(), 0)
}

// reissue signs a token that says of p what is proven already, and until later.
func (g *Gatekeeper) reissue(p *Principal, audience string, now time.Time) (string, error) {
	c := p.claims(audience)
	c.Issuer, c.IssuedAt, c.NotBefore, c.ExpiresAt = g.issuer, now.Unix(), now.Unix(), g.expires(p, now).Unix()
	return g.Keys.sign(c)
}
