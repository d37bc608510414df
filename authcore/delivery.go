package authcore

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/messages"
)

// delivery is a code that is to be sent: what is stored, and who gets it how.
type delivery struct {
	challenge Challenge
	code      string
	user      User
	device    Device // that is asked; zero: a code is sent
	to        string
	by        DeviceKind // the kind of the device, or ByVoice
	channel   Channel
	language  string    // of who has none of his own
	sendings  []sending // what it is counted as
	event     Event     // in the audit trail, when it goes well
	number    string    // that the message has beside the code; empty: none
}

// newDelivery draws a code that u gets for d.
func (c *Core) newDelivery(u User, d Device, purpose Purpose, binding string) (delivery, error) {
	code, err := newCode()
	if err != nil {
		return delivery{}, err
	}
	now := c.now().Truncate(time.Millisecond) // as the store keeps it
	sent := Challenge{
		ID: uuid.NewString(), UserID: u.ID, DeviceID: d.ID, Purpose: purpose, Binding: binding,
		CreatedAt: now, ExpiresAt: now.Add(ChallengeLifetime),
	}
	sent.Sealed = c.ring.Seal("challenges", "code", sent.ID, []byte(code))
	return delivery{challenge: sent, code: code, user: u}, nil
}

// newCode draws the digits of a code, each as likely as any other.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", Wrap(CodeInternal, err, "no code can be made")
	}
	return fmt.Sprintf("%0*d", challengeDigits, n), nil
}

// putDelivery counts the sending and stores the code in place of any other. Of a
// sending that is one too many it names the counter.
func (c *Core) putDelivery(tx *journal, o delivery) (full AttemptKind, err error) {
	if full, err = countSending(tx, o.sendings, o.challenge.CreatedAt); err != nil {
		return full, err
	}
	if err := tx.PutChallenge(o.challenge); err != nil {
		return "", err
	}
	return "", c.record(tx, o.event)
}

// deliver hands the message over. The caller may have gone meanwhile: the
// message is on its way all the same, so the sending is not cut off.
func (c *Core) deliver(ctx context.Context, o delivery) error {
	ctx = context.WithoutCancel(ctx)
	sending, cancel := context.WithTimeout(ctx, ChannelTime)
	defer cancel()
	answer, err := c.send(sending, o)
	if err == nil {
		c.takeAtOnce(ctx, o, answer)
		return nil
	}
	c.log.Warn("a code could not be delivered", "channel", string(o.by), "user_id", o.user.ID, "device_id", o.challenge.DeviceID, "error", err)
	if undo := c.undeliver(ctx, o, CodeOf(err) == CodeUnavailable); undo != nil {
		return undo
	}
	message := "the code could not be delivered, please try again"
	if o.device.Kind.Answers() {
		message = "the device could not be asked, please try again"
	}
	return &Error{Code: CodeUnavailable, Message: message, Reason: ReasonUndelivered, RetryAfter: time.Second, cause: err}
}

// deliveries is how many messages are delivered at once: a gateway that is
// frozen holds that many requests, and who comes later is told so at once.
const deliveries = 64

func (c *Core) send(ctx context.Context, o delivery) (answer string, err error) {
	select {
	case c.live.sending <- struct{}{}:
		defer func() { <-c.live.sending }()
	default:
		return "", Unavailable(errors.New("too many messages are being delivered"))
	}
	switch asker, asks := o.channel.(Asker); {
	case o.device.Kind == KindMobile:
		return "", c.wake(ctx, o)
	case o.device.Kind.Answers() && asks:
		return c.ask(ctx, asker, o)
	case o.device.Kind.Answers():
		return "", Unavailable(errors.New("the channel can ask nobody"))
	}
	code := o.code
	if o.by == ByVoice { // or it is read out as a number
		code = strings.Join(strings.Split(code, ""), " ")
	}
	m := Message{ID: o.challenge.ID, To: o.to, Code: o.code, ExpiresAt: o.challenge.ExpiresAt}
	say := messages.Code
	if o.challenge.Purpose == PurposeRestore {
		say = messages.Restore
	}
	m.Subject, m.Text, m.Language = say(cmp.Or(o.user.Language, o.language), messages.Data{
		Code: code, Number: o.number, Site: c.label, Lifetime: ChallengeLifetime,
	})
	return "", o.channel.Send(ctx, m)
}

// takeAtOnce deals with what a device answered while it was asked, as with any other answer:
// what is wrong with it makes the question no less asked.
func (c *Core) takeAtOnce(ctx context.Context, o delivery, answer string) {
	if answer == "" {
		return
	}
	if _, err := c.Devices.Answer(ctx, answer, Origin{RequestID: o.event.RequestID}); err != nil {
		c.log.Warn("what a device answered at once is not taken", "device_id", o.device.ID, "error", err)
	}
}

// undeliver forgets a code that nobody may have got, and, when it surely was
// not sent, that it was counted.
func (c *Core) undeliver(ctx context.Context, o delivery, unsent bool) error {
	ctx, cancel := context.WithTimeout(ctx, undoTime)
	defer cancel()
	return c.write(ctx, func(tx *journal) error {
		if err := tx.LockUser(o.user.ID); err != nil && CodeOf(err) != CodeNotFound { // as who removes him does first
			return err
		}
		for _, s := range o.sendings { // in the order of putDelivery, or each waits for the other
			if !unsent {
				break
			}
			if err := tx.Refund(s.key); err != nil {
				return err
			}
		}
		if err := tx.RemoveChallenge(o.challenge.ID); err != nil {
			return err
		}
		e := o.event
		e.Outcome, e.Reason = OutcomeRefused, string(ReasonUndelivered)
		return c.record(tx, e)
	})
}

// undoTime bounds what is left to do after a delivery that failed.
const undoTime = 2500 * time.Millisecond
