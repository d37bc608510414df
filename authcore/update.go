package authcore

import (
	"context"
	"strings"
	"unicode/utf8"
)

// Changes are what of a user is to be changed; nil stays as it is.
type Changes struct {
	Email, Phone *string // empty: none
	Password     *string
	Disabled     *bool
	// Dialect names whose Attributes are written beside those there are.
	Dialect    string
	Attributes Attributes
}

// Update changes a user in one transaction. What differs from before, and a password,
// ends his sessions; attributes do not. CodeConflict with ReasonUserTaken when the
// e-mail or phone is another's.
func (s *Users) Update(ctx context.Context, actor Actor, ref string, c Changes) (u User, err error) {
	if err := actor.administers(); err != nil {
		return User{}, err
	}
	if err := actor.describes(c.Dialect, c.Attributes); err != nil {
		return User{}, err
	}
	if u, err = s.Get(ctx, actor, ref); err != nil {
		return User{}, err
	}
	next, err := c.of(u)
	if err != nil {
		return User{}, err
	}
	hash := ""
	if c.Password != nil {
		if hash, err = s.hashNew(ctx, actor.caller(), *c.Password, next); err != nil {
			return User{}, err
		}
	}
	var changes []EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		next, changes, err = s.update(tx, actor, u.ID, c, hash)
		return err
	})
	if CodeOf(err) == CodeConflict {
		err = s.taken(ctx, next)
	}
	if err != nil {
		return User{}, err
	}
	s.live.obey(s.now(), changes...)
	return next, nil
}

// of is u with the changes, a password excepted.
func (c Changes) of(u User) (User, error) {
	var err error
	if c.Email != nil {
		if u.Email, err = optional(*c.Email, CanonicalEmail); err != nil {
			return u, err
		}
	}
	if c.Phone != nil {
		if u.Phone, err = optional(*c.Phone, CanonicalPhone); err != nil {
			return u, err
		}
	}
	if c.Disabled != nil {
		u.Disabled = *c.Disabled
	}
	return u, nil
}

// update reads the user while nobody else changes him: of two updates at once each
// leaves what the other changed. The user that it gives with an error is the one that
// there was to be.
func (s *Users) update(tx *journal, actor Actor, id string, c Changes, hash string) (next User, changes []EpochChange, err error) {
	if err := tx.LockUser(id); CodeOf(err) == CodeNotFound {
		return next, nil, notFound("user")
	} else if err != nil {
		return next, nil, err
	}
	u, err := findUser(tx, actor, id)
	if err != nil {
		return next, nil, err
	}
	if next, err = c.of(u); err != nil {
		return next, nil, err
	}
	if hash != "" {
		next.Password = hash
	}
	actions, err := differ(tx, u, next)
	if err != nil {
		return next, nil, err
	}
	if len(actions) > 0 {
		change, err := revoke(tx, Subject{SubjectUser, id}, s.now())
		if err != nil {
			return next, nil, err
		}
		next.Epoch, changes = change.Epoch, append(changes, change)
	}
	if len(c.Attributes) > 0 {
		actions = append(actions, "user.attributes")
		if err := tx.SetAttributes(Subject{SubjectUser, id}, c.Dialect, c.Attributes); err != nil {
			return next, nil, err
		}
	}
	for _, action := range actions {
		if err := s.record(tx, s.userEvent(actor, next, action)); err != nil {
			return next, nil, err
		}
	}
	return next, changes, nil
}

// differ writes what differs, and names it for the audit trail.
func differ(tx Tx, u, next User) (actions []string, err error) {
	if next.Email != u.Email || next.Phone != u.Phone {
		actions = append(actions, "user.update")
		if err := tx.SetUserContacts(u.ID, next.Email, next.Phone); err != nil {
			return nil, err
		}
	}
	if next.Password != u.Password {
		actions = append(actions, "user.password")
		if _, err := tx.SetUserPassword(u.ID, "", next.Password); err != nil {
			return nil, err
		}
	}
	if next.Disabled != u.Disabled {
		actions = append(actions, disabling(next.Disabled))
		if err := tx.SetUserDisabled(u.ID, next.Disabled); err != nil {
			return nil, err
		}
	}
	return actions, nil
}

func disabling(disabled bool) string {
	if disabled {
		return "user.disable"
	}
	return "user.enable"
}

// maxFound is how many users Find lists at most.
const maxFound = 1000

// Find lists up to limit users of the actor's tenant, 1 to 1000, whose name, e-mail or
// phone has words in it, in any case, by name.
func (s *Users) Find(ctx context.Context, actor Actor, words string, limit int) (users []User, err error) {
	if err := actor.administers(); err != nil {
		return nil, err
	}
	if limit < 1 || limit > maxFound {
		return nil, Errorf(CodeInvalid, "1 to %d users are found at once, not %d", maxFound, limit)
	}
	if !utf8.ValidString(words) || strings.ContainsRune(words, 0) { // no name has it, and no database takes it
		return nil, nil
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { users, err = tx.FindUsers(actor.home(), words, limit); return err })
	return users, err
}

// RemoveAlone removes a user and puts the devices that Unassign would put back in
// stock there. The rest goes with him, and his tokens open nothing more.
func (s *Users) RemoveAlone(ctx context.Context, actor Actor, ref string) (User, error) {
	var changes []EpochChange
	u, err := s.change(ctx, actor, ref, userRemove, func(tx *journal, u *User) error {
		changes = nil
		devices, err := tx.Devices(u.Tenant, u.ID)
		if err != nil {
			return err
		}
		for _, d := range devices {
			if d.changesHands("unassigned") != nil {
				continue
			}
			if d, err = hold(tx, actor, d.ID, u.ID); err != nil {
				return err
			}
			_, handed, err := s.handOver(tx, actor, d, "")
			if err != nil {
				return err
			}
			changes = append(changes, handed...)
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	s.live.obey(s.now(), changes...)
	return u, nil
}

// CheckPassword says whether a password is the user's: as for a login it is counted,
// hashed and audited, and ends there. CodeUnauthenticated with ReasonWrongSecret,
// also for an unknown user and for too many tries.
func (s *Users) CheckPassword(ctx context.Context, actor Actor, name, password string, from Origin) (User, error) {
	v, err := s.passwordOf(ctx, actor, name, password, from)
	if err != nil {
		return User{}, err
	}
	return v.user, nil
}

func (s *Users) passwordOf(ctx context.Context, actor Actor, name, password string, from Origin) (*Verified, error) {
	if err := actor.administers(); err != nil {
		return nil, err
	}
	v, err := s.Logins.Primary(ctx, Attempt{
		Tenant: actor.home(), Name: name, Password: password, ClientID: actor.dialect, From: from, actor: actor.String(),
	})
	if CodeOf(err) == CodeUnauthenticated {
		return nil, wrongSecret()
	}
	return v, err
}

func wrongSecret() *Error {
	return Errorf(CodeUnauthenticated, "the user name or the password is wrong").because(ReasonWrongSecret)
}
