package authcore

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/messages"
)

// tokenDelivery is a token that is to be sent, and who gets it how.
type tokenDelivery struct {
	approval  Approval // as it is stored
	token     string
	user      User
	to        string
	by        DeviceKind
	channel   Channel // nil: nothing is sent
	language  string  // of who has none of his own
	asks      string  // who wants the device let in, as its owner knows it: set by the caller
	sendings  []sending
	event     Event // in the audit trail, when it goes well: set by the caller
	expiresAt time.Time
}

// tokenFor draws a token for a, seals it, and gives what is to be sent to whom: another ID
// makes the one that was sent before void. a.Way must be WayPhone or WayEmail. CodeUnavailable
// with ReasonUndelivered: there is no channel, or no address.
func (s *Approvals) tokenFor(u User, who Approver, a *Approval, language string, sandbox bool) (tokenDelivery, error) {
	if err := s.renumber(a); err != nil {
		return tokenDelivery{}, err
	}
	o := tokenDelivery{user: u, language: language}
	token, err := SandboxToken, error(nil)
	if !sandbox {
		switch a.Way {
		case WayPhone:
			o.by, o.to = KindPhone, cmp.Or(who.Phone, u.Phone)
		case WayEmail:
			o.by, o.to = KindEmail, cmp.Or(who.Email, u.Email)
		default:
			return o, Errorf(CodeInvalid, "a token is sent by %s or %s, not by %q", WayPhone, WayEmail, a.Way)
		}
		if o.channel = s.channels[o.by]; o.channel == nil {
			return o, Errorf(CodeUnavailable, "no token can be sent by %[1]s here: the configuration needs 'channel %[1]s'", o.by).because(ReasonUndelivered)
		}
		if o.to == "" {
			return o, Errorf(CodeUnavailable, "no token can be sent: nobody knows the %s of user %s", o.by, u.Name).because(ReasonUndelivered)
		}
		o.sendings = s.sendingsTo(u, o.to)
		token, err = newToken()
	}
	if err != nil {
		return o, err
	}
	a.Token = s.ring.Seal("approvals", "token", a.ID, []byte(token))
	a.TokenExpiresAt = s.now().Truncate(time.Millisecond).Add(TokenLife) // as the store keeps it
	o.approval, o.token, o.expiresAt = *a, token, a.TokenExpiresAt
	return o, nil
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

// countToken counts the sending of o in the transaction that stores it, and notes it. Of a
// sending that is one too many it names the counter: see noteThrottled.
func (s *Approvals) countToken(tx *journal, o tokenDelivery) (full AttemptKind, err error) {
	if full, err = countSending(tx, o.sendings, s.now()); err != nil {
		return full, err
	}
	return "", s.record(tx, o.event)
}

// sendToken hands it over, after the commit; on failure undo is run in a transaction of its
// own, in which who decides is locked and, of what surely was not sent, nothing stays
// counted. The caller may have gone meanwhile: the message is on its way all the same.
func (s *Approvals) sendToken(ctx context.Context, o tokenDelivery, undo func(tx *journal, unsent bool) error) error {
	if o.channel == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	err := s.handToken(ctx, o)
	if err == nil {
		return nil
	}
	s.log.Warn("a token could not be delivered", "channel", string(o.by), "user_id", o.user.ID, "device_id", o.approval.DeviceID, "error", err)
	if undone := s.takeTokenBack(ctx, o, CodeOf(err) == CodeUnavailable, undo); undone != nil {
		return undone
	}
	return &Error{
		Code: CodeUnavailable, Message: "the token could not be delivered, please try again", Reason: ReasonUndelivered,
		RetryAfter: time.Second, cause: err,
	}
}

func (s *Approvals) handToken(ctx context.Context, o tokenDelivery) error {
	select {
	case s.live.sending <- struct{}{}:
		defer func() { <-s.live.sending }()
	default:
		return Unavailable(errors.New("too many messages are being delivered"))
	}
	ctx, cancel := context.WithTimeout(ctx, ChannelTime)
	defer cancel()
	m := Message{ID: o.approval.ID, To: o.to, Code: o.token, ExpiresAt: o.expiresAt}
	m.Subject, m.Text, m.Language = messages.Approval(cmp.Or(o.user.Language, o.language), messages.ApprovalData{
		Token: o.token, Site: s.label, Asks: o.asks, Lifetime: TokenLife,
	})
	return guarded(func() error { return o.channel.Send(ctx, m) })
}

func (s *Approvals) takeTokenBack(ctx context.Context, o tokenDelivery, unsent bool, undo func(tx *journal, unsent bool) error) error {
	ctx, cancel := context.WithTimeout(ctx, undoTime)
	defer cancel()
	return s.write(ctx, func(tx *journal) error {
		if err := tx.LockUser(o.user.ID); err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		if err := undo(tx, unsent); err != nil {
			return err
		}
		for _, counted := range o.sendings {
			if !unsent {
				break
			}
			if err := tx.Refund(counted.key); err != nil {
				return err
			}
		}
		e := o.event
		e.Outcome, e.Reason = OutcomeRefused, string(ReasonUndelivered)
		return s.record(tx, e)
	})
}
