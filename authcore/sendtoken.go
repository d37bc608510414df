package authcore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/doorward/doorward/authcore/messages"
)

// writeToken is write for what stores a token: it counts the sending that fn leaves in o,
// last in its transaction. One that is too many, or that nothing here can do, leaves a row,
// and nothing else.
func (s *Approvals) writeToken(ctx context.Context, o *tokenDelivery, fn func(tx *journal) error) error {
	var full AttemptKind
	err := s.write(ctx, func(tx *journal) (err error) {
		if err = fn(tx); err != nil {
			return err
		}
		if full, err = countSending(tx, o.sendings, s.now()); err != nil || o.token == "" {
			return err
		}
		return s.record(tx, o.event)
	})
	why := cmp.Or(string(full), unsendable(err))
	if why == "" {
		return err
	}
	e := o.event
	e.Outcome, e.Reason = OutcomeRefused, why
	return cmp.Or(s.write(ctx, func(tx *journal) error { return s.record(tx, e) }), err)
}

// unsendable is why no token can be sent at all, if err says so: who runs this has to know.
func unsendable(err error) string {
	if why := ReasonOf(err); why == ReasonUndelivered || why == ReasonNoAddress {
		return string(why)
	}
	return ""
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
	m := Message{ID: o.approval.ID, To: o.to, Code: o.token, ExpiresAt: o.approval.TokenExpiresAt}
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
