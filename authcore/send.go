package authcore

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/messages"
)

// challenge sends a code to d: a new one in place of any other, or, unless
// again, none while one is alive. The code is stored before it is sent, so that
// no transaction waits for a channel; what surely was not sent costs nothing.
func (l *Logins) challenge(ctx context.Context, v *Verified, d Device, again bool) (Step, error) {
	if err := l.inTime(); err != nil {
		return Step{}, err
	}
	code, err := newCode()
	if err != nil {
		return Step{}, err
	}
	now := l.now()
	c := Challenge{
		ID: uuid.NewString(), UserID: v.user.ID, DeviceID: d.ID, Purpose: PurposeLogin, Binding: v.binding(),
		CreatedAt: now, ExpiresAt: now.Add(ChallengeLifetime),
	}
	c.Sealed = l.ring.Seal("challenges", "code", c.ID, []byte(code))
	put, throttled, err := l.putChallenge(ctx, v, d, c, again)
	switch {
	case err != nil:
		return Step{}, err
	case throttled != nil:
		return Step{}, throttled
	case put.ID == c.ID:
		if err := l.deliver(ctx, v, d, c, code); err != nil {
			return Step{}, err
		}
	}
	return Step{Kind: d.Kind, Enrol: d.Status == StatusPending, Address: d.Address, ExpiresAt: put.ExpiresAt}, nil
}

// newCode draws the digits of a code, each as likely as any other.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", Wrap(CodeInternal, err, "no code can be made")
	}
	return fmt.Sprintf("%0*d", challengeDigits, n), nil
}

// putChallenge counts the sending and stores c, or gives the one that is alive.
func (l *Logins) putChallenge(ctx context.Context, v *Verified, d Device, c Challenge, again bool) (put Challenge, throttled *Error, err error) {
	e := l.event(v.attempt, v.user, "code.send", OutcomeOK, "")
	e.DeviceID, e.Factor = d.ID, string(d.Kind)
	err = l.write(ctx, func(tx *journal) error {
		put, throttled = c, nil
		if _, err := l.lockDevices(tx, v); err != nil { // or two at once would send two
			return err
		}
		old, err := tx.Challenge(c.UserID, c.Purpose)
		if err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
		if !again && err == nil && old.alive(c) {
			put = old
			return nil
		}
		for _, s := range l.sendings(v, d) {
			ok, err := tx.Reserve(s.key, s.limit, c.CreatedAt)
			if err != nil {
				return err
			}
			if !ok {
				throttled, err = l.tooMany(tx, s.key, c.CreatedAt)
				if err != nil {
					return err
				}
				e.Outcome, e.Reason = OutcomeRefused, string(s.key.Kind)
				return l.record(tx, e)
			}
		}
		if err := tx.PutChallenge(c); err != nil {
			return err
		}
		return l.record(tx, e)
	})
	return put, throttled, err
}

// alive says whether the code that is on its way will do where next would be
// sent.
func (c Challenge) alive(next Challenge) bool {
	return c.DeviceID == next.DeviceID && c.Binding == next.Binding && c.Tries < challengeTries &&
		c.RedeemedAt.IsZero() && c.ExpiresAt.After(next.CreatedAt)
}

// sending is one counter of codes that are sent.
type sending struct {
	key   AttemptKey
	limit AttemptLimit
}

// sendings bound what a person can make us send, for every message costs: to
// him, to one number whoever names it, and from one address.
func (l *Logins) sendings(v *Verified, d Device) []sending {
	sum := sha256.Sum256([]byte(d.Address)) // the table holds no numbers
	return []sending{
		{AttemptKey{AttemptSendAddress, addressKey(v.attempt.From.Address)}, l.limits.SendAddress},
		{AttemptKey{AttemptSendUser, v.user.ID}, l.limits.Send},
		{AttemptKey{AttemptSendNumber, hex.EncodeToString(sum[:16])}, l.limits.Send},
	}
}

func (l *Logins) tooMany(tx Tx, key AttemptKey, now time.Time) (*Error, error) {
	a, err := tx.Attempts(key)
	return &Error{Code: CodeThrottled, Message: "too many codes were sent, please try again later", RetryAfter: a.PausedUntil.Sub(now)}, err
}

// deliver hands the message over. The caller may have gone meanwhile: the
// message is on its way all the same, so the sending is not cut off.
func (l *Logins) deliver(ctx context.Context, v *Verified, d Device, c Challenge, code string) error {
	ctx = context.WithoutCancel(ctx)
	sending, cancel := context.WithTimeout(ctx, ChannelTime)
	defer cancel()
	m := Message{ID: c.ID, To: d.Address, Code: code, ExpiresAt: c.ExpiresAt}
	m.Subject, m.Text, m.Language = messages.Code(cmp.Or(v.user.Language, v.attempt.Language), messages.Data{
		Code: code, Site: l.label, Minutes: int(ChallengeLifetime / time.Minute),
	})
	err := l.channels[d.Kind].Send(sending, m)
	if err == nil {
		return nil
	}
	l.log.Warn("a code could not be delivered", "channel", string(d.Kind), "user_id", v.user.ID, "device_id", d.ID, "error", err)
	if undo := l.undeliver(ctx, v, d, c, CodeOf(err) == CodeUnavailable); undo != nil {
		return undo
	}
	return &Error{Code: CodeUnavailable, Message: "the code could not be delivered, please try again", RetryAfter: time.Second, cause: err}
}

// undeliver forgets a code that nobody may have got, and, when it surely was
// not sent, that it was counted.
func (l *Logins) undeliver(ctx context.Context, v *Verified, d Device, c Challenge, unsent bool) error {
	ctx, cancel := context.WithTimeout(ctx, undoTime)
	defer cancel()
	e := l.event(v.attempt, v.user, "code.send", OutcomeRefused, "undelivered")
	e.DeviceID, e.Factor = d.ID, string(d.Kind)
	return l.write(ctx, func(tx *journal) error {
		if err := tx.RemoveChallenge(c.ID); err != nil {
			return err
		}
		for _, s := range l.sendings(v, d) {
			if !unsent {
				break
			}
			if err := tx.Refund(s.key); err != nil {
				return err
			}
		}
		return l.record(tx, e)
	})
}

// undoTime bounds what is left to do after a delivery that failed.
const undoTime = 2500 * time.Millisecond
