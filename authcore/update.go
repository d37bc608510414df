package authcore

import "context"

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
	if err := lockUser(tx, id); err != nil {
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
