package authcore

import (
	"context"
	"slices"
	"time"
)

// Gatekeeper turns a token into a Principal. This is the hot path: a session
// that it knows costs no SQL.
type Gatekeeper struct{ *Core }

// refused is the one answer to every token that opens nothing.
func refused() *Error {
	return Errorf(CodeUnauthenticated, "the token is not valid here, or no longer")
}

// Authenticate proves who a token names, for one audience. The error is
// CodeUnauthenticated, or CodeUnavailable when it can't be known.
func (g *Gatekeeper) Authenticate(ctx context.Context, token, audience string) (*Principal, error) {
	if len(token) > MaxToken {
		return nil, refused()
	}
	if err := g.fresh(); err != nil {
		return nil, err
	}
	now, key := g.now(), keyOf(token, audience, g.policy)
	for range 3 {
		p := g.live.tokens.get(key)
		if p == nil {
			var err error
			if p, err = g.meet(ctx, token, audience, now); err != nil {
				return nil, err
			}
			g.live.tokens.put(key, p)
		}
		if !now.Before(p.ExpiresAt) || g.live.View.behind(p) {
			g.live.tokens.forget(key)
			return nil, refused()
		}
		if p.forgotten == g.live.forgotten.Load() {
			return p, nil
		}
		g.live.tokens.forget(key) // what has revoked it meanwhile may be forgotten
	}
	return nil, Unavailable(errStale)
}

// meet verifies a token that this node does not know.
func (g *Gatekeeper) meet(ctx context.Context, token, audience string, now time.Time) (*Principal, error) {
	c, err := verify(g.live.View.signingKeys(), token, g.issuer, audience, now)
	if err != nil {
		g.log.Debug("token refused", "error", err)
		return nil, refused()
	}
	if g.live.View.behind(c.principal()) { // or a token that was revoked would cost SQL for ever
		return nil, refused()
	}
	leave, err := g.live.meet(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	forgotten := g.live.forgotten.Load()
	p, err := g.load(ctx, c, now)
	if err != nil {
		return nil, err
	}
	p.forgotten = forgotten
	return p, nil
}

// Issued says whether text claims to be signed by a key of ours. It proves
// nothing: it tells a token that must be valid from one that is the app's.
func (g *Gatekeeper) Issued(text string) bool {
	h, err := parseHeader(text)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(g.live.View.signingKeys(), func(k publicKey) bool { return k.ID == h.kid })
}

// Decide asks the policy now.
func (g *Gatekeeper) Decide(open bool, demands []Demand, p *Principal) error {
	return Decide(open, demands, p, g.now())
}

// Attach gives a context that ends when p is revoked or expires. The caller
// keeps s, and must call its End when the answer is complete.
func (g *Gatekeeper) Attach(ctx context.Context, s *Stream, p *Principal) context.Context {
	ctx = g.live.Streams.attach(ctx, s, p)
	if p.forgotten != g.live.forgotten.Load() { // no sweep would know what revokes it
		s.cancel(ErrRevoked)
	}
	return ctx
}

// load makes a principal of a first-seen token.
func (g *Gatekeeper) load(ctx context.Context, c claims, now time.Time) (*Principal, error) {
	s, u, err := g.find(ctx, c, now)
	if err != nil {
		return nil, err
	}
	p := c.principal()
	p.Name, p.Email, p.Groups = u.Name, u.Email, u.Groups
	p.ExpiresAt = earlier(p.ExpiresAt, s.ExpiresAt)
	if p.ends = p.ExpiresAt; p.ClientID == DoorPortal {
		p.ends = s.ExpiresAt
	}
	p.everywhere = s.Audience == EveryAudience
	p.pack()
	return p, nil
}

// find reads what a token names, and holds it against the store as it is now.
func (g *Gatekeeper) find(ctx context.Context, c claims, now time.Time) (s Session, u User, err error) {
	var d Device
	var b bond
	err = g.store.Read(ctx, func(tx Tx) (err error) {
		if s, err = tx.SessionByID(c.Session); err != nil {
			return err
		}
		if u, err = tx.UserByID(s.UserID); err != nil {
			return err
		}
		if d, err = tx.DeviceByID(s.DeviceID); err != nil {
			return err
		}
		b, err = bondOf(tx, s.ClientDevice)
		return err
	})
	if err != nil && CodeOf(err) != CodeNotFound {
		return s, u, err
	}
	if err != nil || c.revoked(s, u, d, b) {
		// For good, so this node remembers: or each try would cost SQL.
		g.live.View.note(EpochChange{Subject{SubjectSession, c.Session}, c.Epochs[2] + 1})
		return s, u, refused()
	}
	if !g.stands(c, s, u, d, b, now) {
		return s, u, refused()
	}
	return s, u, nil
}

// stands says whether a session is what its token says, and nothing of it was
// revoked.
func (g *Gatekeeper) stands(c claims, s Session, u User, d Device, b bond, now time.Time) bool {
	return !c.revoked(s, u, d, b) && s.coded() && s.UserID == c.Subject && s.DeviceID == c.Device && d.UserID == u.ID && u.Tenant == c.Tenant && g.covers(s, c) &&
		s.ClientDevice == c.Client && (c.Client == "" || b.holds(u.ID)) && now.Before(s.ExpiresAt) && !u.Disabled && g.factors.Satisfied(d, time.Unix(c.OTPTime, 0))
}

// covers says whether a session is for the site that a token is for: it is its
// own, or all are while there is one login.
func (g *Gatekeeper) covers(s Session, c claims) bool {
	return s.Audience == c.Audience[0] || s.Audience == EveryAudience && s.ClientID == DoorPortal && g.oneLogin
}

// revoked says whether something of a token was, since it was made.
func (c claims) revoked(s Session, u User, d Device, b bond) bool {
	return !s.EndedAt.IsZero() || c.Epochs[0] < u.Epoch || c.Epochs[1] < d.Epoch || c.Epochs[2] < s.Epoch ||
		c.Client != "" && c.Client == b.device.ID && c.Epochs[3] < b.device.Epoch
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
