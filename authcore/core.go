package authcore

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/doorward/doorward/authcore/seal"
)

// Options are what New needs. Zero lifetimes, limits and factors take the
// defaults named at their fields.
type Options struct {
	Store Store
	Live  *Live
	Ring  *seal.Ring
	Clock Clock
	Log   *slog.Logger
	Node  string // names this gateway in the audit trail
	// Issuer is the "iss" of tokens: the public URL, or a fixed word.
	Issuer string
	// Label is the name that authenticator apps show.
	Label           string
	TokenLifetime   time.Duration // default 12 h, at most MaxTokenLifetime
	SessionLifetime time.Duration // default 12 h or TokenLifetime, whichever is longer; never shorter than that
	// Idle is how long the token of a browser lives: default DefaultIdle, at
	// most SessionLifetime.
	Idle time.Duration
	// OneLogin makes the sessions of DoorPortal count for every audience, each of
	// which still has tokens of its own.
	OneLogin  bool
	Algorithm string // default ES256
	Limits    Limits // default DefaultLimits
	// Factors are the kinds of devices that satisfy the second factor, the one
	// to offer first before the others. Default: totp, hotp, and phone when
	// there is a channel for it. A user's backup codes stand in for any of them.
	Factors Factors
	// Channels deliver codes to devices of the kind phone or email.
	Channels map[DeviceKind]Channel
	// Voice reads codes out over the phone, for SendCode alone; nil: nothing does.
	Voice Channel
	// Identities are other places that prove who somebody is, by name.
	Identities map[string]IdentitySource
	// Verifier looks at pictures of approvers; nil: nothing does.
	Verifier Verifier
	// PublicURL is the origin that links begin with, as https://app.example.com; empty: no
	// app can be enrolled.
	PublicURL string
	// Prefix is where our own routes are at that origin; default: /.doorward/.
	Prefix string
	// InviteFirst keeps a password alone from enrolling a user's first device
	// (law 7).
	InviteFirst bool
	// BestEffort answers requests of known sessions also when the view is
	// older than StaleAfter, so that a revocation may be missed meanwhile.
	BestEffort bool
}

// Core is the five services over one Store.
type Core struct {
	Gatekeeper *Gatekeeper
	Logins     *Logins
	Users      *Users
	Devices    *Devices
	Sessions   *Sessions
	Keys       *Keys
	// Integrators and Imports serve API clients and hardware by the hundred.
	Integrators *Integrators
	Imports     *Imports
	// Accounts and Approvals let client devices in.
	Accounts  *Accounts
	Approvals *Approvals

	store           Store
	live            *Live
	ring            *seal.Ring
	clock           Clock
	log             *slog.Logger
	node            string
	issuer          string
	label           string
	algorithm       string
	tokenLifetime   time.Duration
	sessionLifetime time.Duration
	idle            time.Duration
	oneLogin        bool
	limits          Limits
	factors         Factors
	bestEffort      bool
	channels        map[DeviceKind]Channel
	voice           Channel
	identities      map[string]IdentitySource
	verifier        Verifier
	inviteFirst     bool
	publicURL       string
	prefix          string
	// policy is what a verified token depends on besides itself: the cache
	// outlives this configuration.
	policy string
}

// DefaultLifetime is that of tokens and sessions when none is configured.
const DefaultLifetime = 12 * time.Hour

// New wires the services. It does no I/O: call Prepare before the first request.
func New(o Options) *Core {
	c := &Core{
		store: watched{o.Store, o.Live, o.Clock}, live: o.Live, ring: o.Ring, clock: o.Clock, log: o.Log, node: o.Node, issuer: o.Issuer, label: o.Label,
		algorithm: o.Algorithm, tokenLifetime: o.TokenLifetime, sessionLifetime: o.SessionLifetime,
		idle: o.Idle, oneLogin: o.OneLogin,
		limits: o.Limits, factors: o.Factors, bestEffort: o.BestEffort,
		channels: o.Channels, voice: o.Voice, identities: o.Identities, verifier: o.Verifier, inviteFirst: o.InviteFirst, publicURL: o.PublicURL, prefix: cmp.Or(o.Prefix, "/.doorward/"),
	}
	if c.algorithm == "" {
		c.algorithm = ES256
	}
	if c.tokenLifetime == 0 {
		c.tokenLifetime = DefaultLifetime
	}
	c.sessionLifetime = max(cmp.Or(c.sessionLifetime, DefaultLifetime), c.tokenLifetime)
	if c.idle == 0 {
		c.idle = DefaultIdle
	}
	if c.limits == (Limits{}) {
		c.limits = DefaultLimits()
	}
	if c.factors == nil {
		c.factors = Factors{KindTOTP, KindHOTP}
		if c.channels[KindPhone] != nil {
			c.factors = append(c.factors, KindPhone)
		}
	}
	c.factors = append(slices.Clip(c.factors), KindBackup)
	c.policy = fmt.Sprintf("%q %q %t", c.issuer, c.factors, c.oneLogin)
	c.Gatekeeper, c.Logins, c.Users = &Gatekeeper{c}, &Logins{c}, &Users{c}
	c.Devices, c.Sessions, c.Keys = &Devices{c}, &Sessions{c}, &Keys{Core: c}
	c.Integrators, c.Imports = &Integrators{c}, &Imports{c}
	c.Accounts, c.Approvals = &Accounts{c}, &Approvals{c}
	return c
}

// Prepare proves the seal key, makes the first signing key and fills the view.
// An error with CodeUnavailable may pass; any other refuses the configuration.
func (c *Core) Prepare(ctx context.Context) error {
	// Or the first unknown name, or ID, would take longer than the next.
	go dummy()
	go nobodysKey()
	if err := c.ProveSeal(ctx); err != nil {
		return err
	}
	if err := c.Keys.ensure(ctx); err != nil {
		return err
	}
	if err := c.live.Refresh(ctx, c.store, c.now()); err != nil {
		return err
	}
	if key, ok := c.live.View.signingKeys().signing(c.now()); ok {
		_, err := c.Keys.open(key.SigningKey)
		return err
	}
	return nil
}

// answering is how old a view may be that shows that the store answers: it is
// refreshed four times a second.
const answering = 3 * time.Second

// Ready says whether requests and logins can be decided, and a remark for the
// operator. It asks what the last reads and writes came to, and not the store, so
// anybody may ask it.
func (c *Core) Ready() (remark string, err error) {
	if c.live.View.age(c.now()) > answering || c.live.writes.failedWithin(answering, c.now()) {
		return "", Unavailable(errStale)
	}
	if err := c.inTime(); err != nil {
		return "", err
	}
	if by := c.live.View.clockSkew(); by.Abs() > skewRemark {
		return "the clock of this machine differs from the database's by " + by.String(), nil
	}
	return c.live.jump.remark(c.now()), nil
}

// fresh refuses to decide on a view that is too old.
func (c *Core) fresh() error {
	if age := c.live.View.age(c.now()); age > StaleAfter && !(c.bestEffort && age < 1<<62) {
		return Unavailable(errStale)
	}
	return nil
}

func (c *Core) now() time.Time { return c.clock.Now() }

// revoke ends the sessions of s and raises its epoch, and gives what obey needs.
func revoke(tx Tx, s Subject, now time.Time) (EpochChange, error) {
	if _, err := tx.EndSessions(s, now); err != nil {
		return EpochChange{}, err
	}
	epoch, err := tx.BumpEpoch(s, now)
	return EpochChange{Subject: s, Epoch: epoch}, err
}
