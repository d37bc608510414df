package authcore

import (
	"cmp"
	"crypto/rand"
	"math/big"
	"time"

	"github.com/google/uuid"
)

// tokenDelivery is a token that is to be sent, and who gets it how.
type tokenDelivery struct {
	approval Approval // as it is stored
	token    string   // empty: there is none
	user     User
	to       string
	by       DeviceKind
	channel  Channel // nil: nothing is sent
	language string  // of who has none of his own
	asks     string  // who wants the device let in, as its owner knows it: set by the caller
	sendings []sending
	event    Event // in the audit trail, when it goes well: set by the caller
}

// tokenFor draws a token for a, seals it, and gives what is to be sent to whom: another ID
// makes the one that was sent before void. a.Way must be WayPhone or WayEmail. CodeUnavailable
// with ReasonUndelivered: there is no channel; with ReasonNoAddress: no address.
func (s *Approvals) tokenFor(u User, who Approver, a *Approval, language string, sandbox bool) (tokenDelivery, error) {
	o := tokenDelivery{user: u, language: language, token: SandboxToken}
	switch a.Way {
	case WayPhone:
		o.by, o.to = KindPhone, cmp.Or(who.Phone, u.Phone)
	case WayEmail:
		o.by, o.to = KindEmail, cmp.Or(who.Email, u.Email)
	default:
		return o, Errorf(CodeInvalid, "a token is sent by %s or %s, not by %q: name one of them", WayPhone, WayEmail, a.Way)
	}
	err := s.renumber(a)
	if err == nil && !sandbox {
		err = s.address(&o)
	}
	if err != nil {
		return o, err
	}
	a.Token = s.ring.Seal("approvals", "token", a.ID, []byte(o.token))
	a.TokenExpiresAt = s.now().Truncate(time.Millisecond).Add(TokenLife) // as the store keeps it
	o.approval = *a
	return o, nil
}

// address draws the token of o and says how it is sent.
func (s *Approvals) address(o *tokenDelivery) (err error) {
	o.channel = s.channels[o.by]
	switch {
	case o.channel == nil:
		return Errorf(CodeUnavailable, "no token can be sent by %[1]s here: the configuration needs 'channel %[1]s'", o.by).because(ReasonUndelivered)
	case o.to == "":
		return Errorf(CodeUnavailable, "no token can be sent: nobody knows the %s of user %s", o.by, o.user.Name).because(ReasonNoAddress)
	}
	o.sendings = s.sendingsTo(o.user, o.to)
	o.token, err = newToken()
	return err
}

// renumber gives a another ID, for which its session is sealed anew, and no token.
func (s *Approvals) renumber(a *Approval) error {
	old := a.ID
	a.ID, a.Token, a.TokenExpiresAt = uuid.NewString(), nil, time.Time{}
	if len(a.Session) == 0 {
		return nil
	}
	session, err := s.ring.Open("approvals", "session", old, a.Session)
	if err != nil {
		return Wrap(CodeInternal, err, "the session of the request can't be read")
	}
	a.Session = s.ring.Seal("approvals", "session", a.ID, session)
	return nil
}

// newToken draws a token, each as likely as any other.
func newToken() (string, error) {
	token := make([]byte, tokenLength)
	for i := range token {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(tokenAlphabet))))
		if err != nil {
			return "", Wrap(CodeInternal, err, "no token can be made")
		}
		token[i] = tokenAlphabet[n.Int64()]
	}
	return string(token), nil
}
