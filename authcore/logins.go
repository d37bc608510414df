package authcore

import (
	"cmp"
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Logins makes sessions: first the primary secret, then a code. The order is in
// the types: only Primary makes a Verified, and only a Verified has its codes
// looked at (law 4).
type Logins struct{ *Core }

// Attempt is a primary secret that somebody shows.
type Attempt struct {
	Tenant   string // empty: DefaultTenant
	Name     string // user name, e-mail or phone, as typed
	Password string
	Language string // of messages to who has none of his own: Accept-Language
	Audience string // of the site
	ClientID string // the door: the name of a dialect
	From     Origin
	Agent    string // the browser, as it names itself; 256 bytes of it are kept
	// Replaces is the ID of a session that ends when this login succeeds: the one
	// that the same browser had (SES-03).
	Replaces string
	// Device is the secret of the browser's registered device, if it has one: the session
	// is bound to that (see Binding). One that is none, or not active, binds nothing.
	Device string
	actor  string // for the audit trail; empty: nobody known
}

// Verified is somebody who has shown the primary secret just now.
type Verified struct {
	user    User
	attempt Attempt
	at      time.Time
	// external says that another source vouched for him, not a password.
	external bool
	// replacesApp says that he may enrol an authenticator app beside the one he
	// has: both factors were shown for it.
	replacesApp bool
	// adds says that he may enrol a device beside those he has, and nothing else:
	// both factors were shown for it.
	adds bool
	// stepsUp says that he shows another code for his session.
	stepsUp bool
	// session is the one that they were shown for.
	session string
	// invite is the digest of an invitation that he has shown too.
	invite []byte
	// flow names this login among all of his, for a yes that only it may use.
	flow string
}

// purpose is what a code that is sent to v is for.
func (v *Verified) purpose() Purpose {
	if v.adds {
		return PurposeEnrol
	}
	return PurposeLogin
}

// Login is a finished one.
type Login struct {
	Token     string
	ExpiresAt time.Time // of the token
	Session   Session
	User      User
	Device    Device // whose code was used
	// Activated says that the device counts from this login on.
	Activated bool
	epochs    epochs // that its token carries
}

// loginRefused is the one answer to whoever has not shown the primary secret,
// and to a wrong code too: what was wrong is in the audit trail (law 12).
func loginRefused() *Error { return Errorf(CodeUnauthenticated, "User authentication failed") }

// Primary checks a password. Whatever is wrong, it spends one hash and the
// same statements, and gives the same error. The try is counted before the
// password is looked at.
func (l *Logins) Primary(ctx context.Context, a Attempt) (*Verified, error) {
	if a.Tenant == "" {
		a.Tenant = DefaultTenant
	}
	if err := l.inTime(); err != nil {
		return nil, err
	}
	u, p, err := l.tryPassword(ctx, a)
	if err != nil {
		return nil, err
	}
	reason := ""
	switch {
	case !p.counted:
		reason = "throttled"
	case u.ID == "":
		reason = "unknown_user"
	case !p.match:
		reason = "wrong_password"
	case u.Disabled:
		reason = "disabled"
	}
	if reason != "" {
		return nil, l.refusePrimary(ctx, a, u, reason)
	}
	return l.acceptPrimary(ctx, a, u, p.rehashed)
}

// passwordTry is what came of one: was it counted, did it match, and the hash
// to store if parameters have risen since the old one was made.
type passwordTry struct {
	counted, match bool
	rehashed       string
}

// tryPassword holds a hash slot, which it takes before it counts: who can't be
// served is not counted.
func (l *Logins) tryPassword(ctx context.Context, a Attempt) (u User, p passwordTry, err error) {
	release, err := l.live.Hasher.acquire(ctx, addressKey(a.From.Address))
	if err != nil {
		return u, p, err
	}
	defer release()
	if u, p.counted, err = l.countPassword(ctx, a); err != nil {
		return u, p, err
	}
	match, outdated := l.live.Hasher.verify(a.Password, u.Password)
	if p.match = match; match && outdated && p.counted && !u.Disabled {
		p.rehashed, err = l.live.Hasher.hash(a.Password)
	}
	return u, p, err
}

// countPassword finds the user and counts one try for the name: from this
// address, and, unless that is paused, from everywhere. One address alone can't
// pause a name for all others.
func (l *Logins) countPassword(ctx context.Context, a Attempt) (u User, counted bool, err error) {
	now := l.now()
	err = l.store.Write(ctx, func(tx Tx) error {
		var err error
		u, err = tx.UserByLogin(a.Tenant, canonicalLogin(a.Name))
		if err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		here, everywhere := l.passwordKeys(a, u)
		counted, err = tx.Reserve(here, l.limits.PasswordAddress, now)
		if err == nil && !counted { // as many statements as for who is counted (law 12)
			_, err = tx.Attempts(everywhere)
			return err
		}
		if err != nil {
			return err
		}
		counted, err = tx.Reserve(everywhere, l.limits.Password, now)
		return err
	})
	return u, counted, err
}

func (l *Logins) passwordKeys(a Attempt, u User) (here, everywhere AttemptKey) {
	subject := u.ID
	if subject == "" {
		subject = unknownSubject(a.Tenant, a.Name)
	}
	return AttemptKey{AttemptPasswordAddress, subject + "|" + addressKey(a.From.Address)}, AttemptKey{AttemptPassword, subject}
}

func (l *Logins) refusePrimary(ctx context.Context, a Attempt, u User, reason string) error {
	err := l.write(ctx, func(tx *journal) error {
		return l.record(tx, l.event(a, u, "login.password", OutcomeRefused, reason))
	})
	if err != nil {
		return err
	}
	return loginRefused()
}

// acceptPrimary takes the try back: it was not a wrong one.
func (l *Logins) acceptPrimary(ctx context.Context, a Attempt, u User, rehashed string) (*Verified, error) {
	here, everywhere := l.passwordKeys(a, u)
	err := l.write(ctx, func(tx *journal) error {
		if err := tx.Succeed(here); err != nil {
			return err
		}
		if err := tx.Refund(everywhere); err != nil {
			return err
		}
		if rehashed != "" {
			if _, err := tx.SetUserPassword(u.ID, u.Password, rehashed); err != nil {
				return err
			}
		}
		return l.record(tx, l.event(a, u, "login.password", OutcomeOK, ""))
	})
	if err != nil {
		return nil, err
	}
	a.Password = ""
	return &Verified{user: u, attempt: a, at: l.now(), flow: rand.Text()}, nil
}

func (l *Logins) event(a Attempt, u User, action, outcome, reason string) Event {
	return Event{
		Actor: cmp.Or(a.actor, "anonymous"), Action: action, Outcome: outcome, Reason: reason, Tenant: a.Tenant, UserID: u.ID,
		Factor: "pwd", Address: a.From.Address, RequestID: a.From.RequestID,
	}
}

// newSession is a session of v by a code of d.
func (l *Logins) newSession(v *Verified, u User, d Device, now time.Time) Session {
	audience := v.attempt.Audience
	if l.oneLogin && v.attempt.ClientID == DoorPortal {
		audience = EveryAudience
	}
	return Session{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, DeviceID: d.ID,
		Audience: audience, ClientID: v.attempt.ClientID, Address: v.attempt.From.Address, Agent: agent(v.attempt.Agent),
		AuthTime: v.at, OTPTime: now, ExpiresAt: now.Add(l.sessionLifetime),
	}
}

// maxAgent is how much of the browser's name is kept, in bytes.
const maxAgent = 256

func agent(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxAgent)], "")
}

// token signs an access token of s for one site under the epochs that its login read.
func (l *Logins) token(s Session, audience string, methods []string, under epochs, now time.Time) (string, time.Time, error) {
	expires := earlier(now.Add(l.lifeOf(s.ClientID)), s.ExpiresAt)
	text, err := l.Keys.sign(claims{
		Issuer: l.issuer, Subject: s.UserID, Audience: []string{audience}, ClientID: s.ClientID,
		IssuedAt: now.Unix(), NotBefore: now.Unix(), ExpiresAt: expires.Unix(),
		AuthTime: s.AuthTime.Unix(), OTPTime: s.OTPTime.Unix(), AMR: methods,
		Session: s.ID, Device: s.DeviceID, Client: s.ClientDevice, Tenant: s.Tenant, Epochs: under.listed(s.ClientDevice),
	})
	return text, time.Unix(expires.Unix(), 0), err
}
