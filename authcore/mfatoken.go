package authcore

import (
	"context"
	"encoding/json"
	"time"
)

// mfaUse is what a token of the type mfa+jwt goes on with.
type mfaUse string

const (
	mfaLogin    mfaUse = "login"
	mfaRestore  mfaUse = "restore"  // a code is on its way, perhaps
	mfaPassword mfaUse = "password" // the code was right
)

// maxMFALogin is how long after the password a token goes on with a login, however often it
// was made anew.
const maxMFALogin = 2 * ChallengeLifetime

// MFAToken makes a JWT of the type mfa+jwt that goes on with v's login, as Ticket does: it
// opens nothing, and only the door that it was made for takes it. It names nobody. One that is
// made anew lives ten minutes again, but none longer than twenty after the password.
func (l *Logins) MFAToken(v *Verified) (text string, until time.Time, err error) {
	now := l.now()
	until = time.Unix(earlier(now.Add(ticketLifetime), v.at.Add(maxMFALogin)).Unix(), 0)
	if !until.After(now) {
		return "", time.Time{}, loginRefused()
	}
	text, err = l.signMFA(mfaLogin, v.attempt, until, v.ticket())
	return text, until, err
}

// ResumeMFA is Resume for an MFAToken. a names the site and the door.
func (l *Logins) ResumeMFA(ctx context.Context, a Attempt, text string) (*Verified, error) {
	if err := l.inTime(); err != nil {
		return nil, err
	}
	var t ticket
	if err := l.readMFA(mfaLogin, a, text, &t); err != nil {
		return nil, err
	}
	return l.resume(ctx, a, t)
}

// signMFA makes one. What it goes on with is sealed, for its use, site and door: who has it
// reads nothing out of it, and nobody's name.
func (c *Core) signMFA(use mfaUse, a Attempt, until time.Time, state any) (string, error) {
	plain, err := json.Marshal(state)
	if err != nil {
		return "", Wrap(CodeInternal, err, "no token can be made")
	}
	sealed := c.ring.Seal("mfa_tokens", string(use)+"|"+a.ClientID, a.Audience, plain)
	return c.signSide(sideToken{typ: mfaTokenType, audience: a.Audience, door: a.ClientID, until: until},
		map[string]any{"state": segment.EncodeToString(sealed)})
}

// readMFA reads what one goes on with. Whatever is wrong with it is CodeUnauthenticated.
func (c *Core) readMFA(use mfaUse, a Attempt, text string, state any) error {
	var packed string
	t := sideToken{typ: mfaTokenType, audience: a.Audience, door: a.ClientID, longest: maxMFALogin}
	err := c.readSide(t, text, map[string]*string{"state": &packed})
	if CodeOf(err) == CodeUnavailable {
		return err
	}
	if err != nil {
		return loginRefused()
	}
	sealed, err := segment.DecodeString(packed)
	if err != nil {
		return loginRefused()
	}
	plain, err := c.ring.Open("mfa_tokens", string(use)+"|"+a.ClientID, a.Audience, sealed)
	if err != nil || json.Unmarshal(plain, state) != nil {
		return loginRefused()
	}
	return nil
}
