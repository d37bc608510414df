package authcore

import (
	"cmp"
	"context"
	"strconv"
	"time"
)

// sendRestore finds who was named, and sends him the code of o if he may have one.
func (s *Users) sendRestore(ctx context.Context, a Attempt, o delivery) error {
	refused := ""
	err := s.write(ctx, func(tx *journal) error {
		u, err := tx.UserByLogin(a.Tenant, canonicalLogin(a.Name))
		if CodeOf(err) == CodeNotFound {
			refused = "unknown_user"
			return s.record(tx, s.Logins.restoreEvent(a, u, "user.restore_ask", refused))
		}
		if err != nil {
			return err
		}
		d, reason, err := s.restorable(tx, &u)
		if err != nil {
			return err
		}
		o.user, o.to, o.by, o.channel, o.language = u, d.Address, d.Kind, s.channels[d.Kind], a.Language
		o.challenge.UserID, o.challenge.DeviceID, o.challenge.Binding = u.ID, d.ID, restoreBinding(a, u)
		o.sendings = restoreSendings(s.sendingsTo(u, d.Address))
		o.event = s.Logins.restoreEvent(a, u, "user.restore_ask", reason)
		o.event.DeviceID, o.event.Factor = d.ID, string(d.Kind)
		if refused = reason; refused != "" {
			return s.record(tx, o.event)
		}
		_, err = s.putDelivery(tx, o)
		return err
	})
	if CodeOf(err) == CodeThrottled {
		o.event.Outcome, o.event.Reason = OutcomeRefused, "throttled"
		return s.write(ctx, func(tx *journal) error { return s.record(tx, o.event) })
	}
	if err != nil || refused != "" {
		return err
	}
	return s.deliver(ctx, o)
}

// restorable gives the device that a code may go to with which *u restores his password, or
// says why there is none. *u is locked, and read again.
func (s *Users) restorable(tx Tx, u *User) (d Device, reason string, err error) {
	if err := tx.LockUser(u.ID); err != nil {
		return d, "", err
	}
	if *u, err = tx.UserByID(u.ID); err != nil {
		return d, "", err
	}
	switch {
	case u.Disabled:
		return d, "disabled", nil
	case u.Password == "": // another source vouches for him
		return d, "no_password", nil
	}
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return d, "", err
	}
	now := s.now()
	for _, candidate := range devices { // in the order in which they became his
		if s.restores(candidate, now) && (d.ID == "" || candidate.Notified && !d.Notified) {
			d = candidate
		}
	}
	if d.ID == "" {
		return d, "no_device", nil
	}
	for _, other := range devices {
		usable, err := s.logsInBeside(tx, other, d, now)
		if err != nil || usable {
			return d, "", err
		}
	}
	return d, "only_device", nil
}

// restores says whether a code can be sent to d with which a password is restored.
func (s *Users) restores(d Device, now time.Time) bool {
	return (d.Kind == KindPhone || d.Kind == KindEmail) && d.Status == StatusActive && d.Address != "" &&
		(d.ExpiresAt.IsZero() || now.Before(d.ExpiresAt)) && s.channels[d.Kind] != nil
}

// logsInBeside says whether a user can log in with d when no code counts that goes where those
// of restored go.
func (s *Users) logsInBeside(tx Tx, d, restored Device, now time.Time) (bool, error) {
	if !s.factors.Satisfied(d, now) || d.Address == restored.Address || d.Kind.sent() && !s.Logins.delivers(d.Kind) {
		return false, nil
	}
	if d.Kind != KindBackup {
		return true, nil
	}
	all, used, err := tx.BackupCodes(d.ID)
	return used < all, err
}

// restoreBinding is where such a code counts. What ends all of his sessions ends it too.
func restoreBinding(a Attempt, u User) string {
	return a.Audience + "|" + a.ClientID + "|" + strconv.FormatInt(u.Epoch, 10)
}

// restoreSendings are counters of their own beside those of logins.
func restoreSendings(of []sending) []sending {
	for i := range of {
		of[i].key.Subject += "|restore"
	}
	return of
}

func (l *Logins) restoreEvent(a Attempt, u User, action, reason string) Event {
	e := l.event(a, u, action, OutcomeOK, reason)
	if reason != "" {
		e.Outcome = OutcomeRefused
	}
	e.Tenant, e.Factor = cmp.Or(a.Tenant, DefaultTenant), ""
	return e
}
