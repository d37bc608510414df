package authcore

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
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
	now := l.now().Truncate(time.Millisecond) // as the store keeps it
	c := Challenge{
		ID: uuid.NewString(), UserID: v.user.ID, DeviceID: d.ID, Purpose: v.purpose(), Binding: v.binding(),
		CreatedAt: now, ExpiresAt: now.Add(ChallengeLifetime),
	}
	c.Sealed = l.ring.Seal("challenges", "code", c.ID, []byte(code))
	put, err := l.putChallenge(ctx, v, d, c, again)
	if err == nil && put.ID == c.ID {
		err = l.deliver(ctx, v, d, c, code)
	}
	if err != nil {
		return Step{}, err
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
func (l *Logins) putChallenge(ctx context.Context, v *Verified, d Device, c Challenge, again bool) (put Challenge, err error) {
	var full AttemptKind
	err = l.write(ctx, func(tx *journal) error {
		put = c
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
		if full, err = l.countSending(tx, v, d, c.CreatedAt); err != nil {
			return err
		}
		if err := tx.PutChallenge(c); err != nil {
			return err
		}
		return l.record(tx, l.sendEvent(v, d, OutcomeOK, ""))
	})
	if CodeOf(err) == CodeThrottled {
		err = cmp.Or(l.write(ctx, func(tx *journal) error {
			return l.record(tx, l.sendEvent(v, d, OutcomeRefused, string(full)))
		}), err)
	}
	return put, err
}

func (l *Logins) sendEvent(v *Verified, d Device, outcome, reason string) Event {
	e := l.event(v.attempt, v.user, "code.send", outcome, reason)
	e.DeviceID, e.Factor = d.ID, string(d.Kind)
	return e
}

// alive says whether the code that is on its way will do where next would be
// sent.
func (c Challenge) alive(next Challenge) bool {
	return c.DeviceID == next.DeviceID && c.Binding == next.Binding && c.Tries < challengeTries &&
		c.RedeemedAt.IsZero() && c.ExpiresAt.After(next.CreatedAt)
}

// deliver hands the message over. The caller may have gone meanwhile: the
// message is on its way all the same, so the sending is not cut off.
func (l *Logins) deliver(ctx context.Context, v *Verified, d Device, c Challenge, code string) error {
	ctx = context.WithoutCancel(ctx)
	sending, cancel := context.WithTimeout(ctx, ChannelTime)
	defer cancel()
	err := l.handOver(sending, v, d, c, code)
	if err == nil {
		return nil
	}
	l.log.Warn("a code could not be delivered", "channel", string(d.Kind), "user_id", v.user.ID, "device_id", d.ID, "error", err)
	if undo := l.undeliver(ctx, v, d, c, CodeOf(err) == CodeUnavailable); undo != nil {
		return undo
	}
	return &Error{Code: CodeUnavailable, Message: "the code could not be delivered, please try again", RetryAfter: time.Second, cause: err}
}

// deliveries is how many messages are delivered at once: a gateway that is
// frozen holds that many requests, and who comes later is told so at once.
const deliveries = 64

func (l *Logins) handOver(ctx context.Context, v *Verified, d Device, c Challenge, code string) error {
	select {
	case l.live.sending <- struct{}{}:
		defer func() { <-l.live.sending }()
	default:
		return Unavailable(errors.New("too many messages are being delivered"))
	}
	m := Message{ID: c.ID, To: d.Address, Code: code, ExpiresAt: c.ExpiresAt}
	m.Subject, m.Text, m.Language = messages.Code(cmp.Or(v.user.Language, v.attempt.Language), messages.Data{
		Code: code, Site: l.label, Lifetime: ChallengeLifetime,
	})
	return l.channels[d.Kind].Send(ctx, m)
}

// undeliver forgets a code that nobody may have got, and, when it surely was
// not sent, that it was counted.
func (l *Logins) undeliver(ctx context.Context, v *Verified, d Device, c Challenge, unsent bool) error {
	ctx, cancel := context.WithTimeout(ctx, undoTime)
	defer cancel()
	return l.write(ctx, func(tx *journal) error {
		for _, s := range l.sendings(v, d) { // in the order of putChallenge, or each waits for the other
			if !unsent {
				break
			}
			if err := tx.Refund(s.key); err != nil {
				return err
			}
		}
		if err := tx.RemoveChallenge(c.ID); err != nil {
			return err
		}
		return l.record(tx, l.sendEvent(v, d, OutcomeRefused, "undelivered"))
	})
}

// undoTime bounds what is left to do after a delivery that failed.
const undoTime = 2500 * time.Millisecond
