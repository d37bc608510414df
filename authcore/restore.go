package authcore

import (
	"cmp"
	"context"
	"time"
)

// Restore is a password that is being restored: what was answered to who asked, whoever he is.
type Restore struct {
	Token     string // a JWT of the type mfa+jwt
	Number    string // that stands in the message too, so that he knows which it is
	ExpiresAt time.Time
}

// restoring is what a token of the use mfaRestore goes on with: a code that is on its way, or
// that nobody gets.
type restoring struct{ Challenge string }

// AskRestore sends who is named a code to restore his password with, to a phone or an e-mail
// address that is his device, if he has another device to log in with: one device must not
// become both factors. The device is Device.Notified, else the oldest. Whoever is named,
// the answer, its time and the statements before it are the same (law 12): all else is done
// afterwards. The codes are counted apart from those of logins, by user and by address (law
// 4: who knows no password must not keep anybody from logging in).
//
// CodeThrottled: too many were asked for from this address.
func (s *Users) AskRestore(ctx context.Context, a Attempt) (Restore, error) {
	if err := s.inTime(); err != nil {
		return Restore{}, err
	}
	a.Tenant, a.Password = cmp.Or(a.Tenant, DefaultTenant), ""
	o, err := s.newDelivery(User{}, Device{}, PurposeRestore, "")
	if err == nil {
		o.number, err = newNumber()
	}
	if err == nil {
		err = s.countRestore(ctx, a)
	}
	if err != nil {
		return Restore{}, err
	}
	r := Restore{Number: o.number, ExpiresAt: o.challenge.ExpiresAt}
	if r.Token, err = s.signMFA(mfaRestore, a, r.ExpiresAt, restoring{o.challenge.ID}); err != nil {
		return Restore{}, err
	}
	s.restoreLater(a, o)
	return r, nil
}

// countRestore bounds what one address asks for.
func (s *Users) countRestore(ctx context.Context, a Attempt) error {
	asked := []sending{{restoreAskedFrom(a), s.limits.SendAddress}}
	err := s.store.Write(ctx, func(tx Tx) error {
		_, err := countSending(tx, asked, s.now())
		return err
	})
	if CodeOf(err) == CodeThrottled {
		s.log.Warn("no password is restored: too many were asked for", "address", a.From.Address, "request_id", a.From.RequestID)
	}
	return err
}

// restoreAskedFrom counts the passwords that one address asks to restore and nobody does.
func restoreAskedFrom(a Attempt) AttemptKey {
	return AttemptKey{AttemptSendAddress, addressKey(a.From.Address) + "|restore"}
}

// restoreLater does what the answer must not tell. It returns at once, so that what is on its
// way when the gateway ends is lost, and what is too much is dropped: he asks again.
func (s *Users) restoreLater(a Attempt, o delivery) {
	select {
	case s.live.restoring <- struct{}{}:
	default:
		s.log.Warn("no password is restored: too many are on their way", "address", a.From.Address, "request_id", a.From.RequestID)
		return
	}
	go func() {
		defer func() { <-s.live.restoring }()
		if err := guarded(func() error { return s.sendRestore(context.Background(), a, o) }); err != nil {
			s.log.Warn("a code to restore a password could not be sent", "request_id", a.From.RequestID, "error", err)
		}
	}()
}
