package authcore

import (
	"context"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/messages"
)

// Users looks after accounts.
type Users struct{ *Core }

// NewUser is what an account is made of.
type NewUser struct {
	Name     string
	Email    string // may be empty
	Phone    string // may be empty
	Groups   []string
	Language string // of messages to him: BCP 47, or empty
	Password string // empty: none logs in with one, when an integrator adds him
	Disabled bool
	// Dialect and Attributes are what is remembered of him.
	Dialect    string
	Attributes Attributes
}

// Add makes an account in the actor's tenant. CodeConflict with ReasonUserTaken when
// a name, e-mail or phone is taken.
func (s *Users) Add(ctx context.Context, actor Actor, n NewUser) (User, error) {
	if err := actor.administers(); err != nil {
		return User{}, err
	}
	u, err := n.canonical()
	if err != nil {
		return User{}, err
	}
	if err := actor.describes(n.Dialect, n.Attributes); err != nil {
		return User{}, err
	}
	u.ID, u.Tenant, u.CreatedAt = uuid.NewString(), actor.home(), s.now()
	if n.Password != "" || actor.kind != actorIntegrator {
		if u.Password, err = s.hashNew(ctx, actor.caller(), n.Password, u); err != nil {
			return User{}, err
		}
	}
	err = s.write(ctx, func(tx *journal) error {
		if err := tx.CreateUser(u); err != nil {
			return err
		}
		if err := tx.SetAttributes(Subject{SubjectUser, u.ID}, n.Dialect, n.Attributes); err != nil {
			return err
		}
		return s.record(tx, s.userEvent(actor, u, "user.add"))
	})
	if CodeOf(err) == CodeConflict {
		err = s.taken(ctx, u)
	}
	return u, err
}

// taken says which of u's names belongs to somebody else already.
func (s *Users) taken(ctx context.Context, u User) error {
	for _, name := range []string{u.Name, u.Email, u.Phone} {
		var other User
		err := s.store.Read(ctx, func(tx Tx) (err error) { other, err = tx.UserByLogin(u.Tenant, name); return err })
		if name != "" && err == nil && other.ID != u.ID {
			return Errorf(CodeConflict, "%q already belongs to a user", name).because(ReasonUserTaken)
		}
	}
	return Errorf(CodeConflict, "the name, e-mail or phone of %q already belongs to a user", u.Name).because(ReasonUserTaken)
}

func (n NewUser) canonical() (u User, err error) {
	u = User{Groups: n.Groups, Language: n.Language, Disabled: n.Disabled}
	if u.Name, err = CanonicalName(n.Name); err != nil {
		return u, err
	}
	if u.Email, err = optional(n.Email, CanonicalEmail); err != nil {
		return u, err
	}
	if u.Phone, err = optional(n.Phone, CanonicalPhone); err != nil {
		return u, err
	}
	if n.Language != "" && !messages.Speaks(n.Language) {
		return u, Errorf(CodeInvalid, "there are no messages in %q: en, ru, pt or zh, or a variety as pt-BR", n.Language)
	}
	for _, g := range n.Groups {
		if err = CheckGroup(g); err != nil {
			return u, err
		}
	}
	return u, nil
}

// optional is the canonical form of what may be empty.
func optional(text string, canonical func(string) (string, error)) (string, error) {
	if text == "" {
		return "", nil
	}
	return canonical(text)
}

// hashNew hashes a password that will do, in caller's share of the queue.
func (s *Users) hashNew(ctx context.Context, caller, password string, u User) (string, error) {
	if err := CheckPassword(password, u); err != nil {
		return "", err
	}
	release, err := s.live.Hasher.acquire(ctx, caller)
	if err != nil {
		return "", err
	}
	defer release()
	return s.live.Hasher.hash(password)
}

// List gives every user of the actor's tenant, by name.
func (s *Users) List(ctx context.Context, actor Actor) (users []User, err error) {
	if err := actor.administers(); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) (err error) { users, err = tx.Users(actor.home()); return err })
	return users, err
}

// Get finds a user by name, e-mail, phone or ID.
func (s *Users) Get(ctx context.Context, actor Actor, ref string) (u User, err error) {
	err = s.store.Read(ctx, func(tx Tx) (err error) { u, err = findUser(tx, actor, ref); return err })
	return u, err
}

// findUser is where every method looks a user up, and where the actor is held
// against him.
func findUser(tx Tx, actor Actor, ref string) (User, error) {
	var u User
	var err error
	if _, parse := uuid.Parse(ref); parse == nil {
		u, err = tx.UserByID(ref)
	} else {
		u, err = tx.UserByLogin(actor.home(), canonicalLogin(ref))
	}
	if CodeOf(err) == CodeNotFound {
		return User{}, notFound("user")
	}
	if err != nil {
		return User{}, err
	}
	if err := actor.maySee(u.Tenant, u.ID, "user"); err != nil {
		return User{}, err
	}
	return u, nil
}

// lockUser keeps a user from being changed by others until the transaction ends. He may
// have been removed since he was found: then there is no such user.
func lockUser(tx Tx, id string) error {
	err := tx.LockUser(id)
	if CodeOf(err) == CodeNotFound {
		return notFound("user")
	}
	return err
}

// SetDisabled disables or enables a user. Disabling ends his sessions.
func (s *Users) SetDisabled(ctx context.Context, actor Actor, ref string, disabled bool) (User, error) {
	return s.change(ctx, actor, ref, disabling(disabled), func(tx *journal, u *User) error {
		u.Disabled = disabled
		return tx.SetUserDisabled(u.ID, disabled)
	})
}

// SetPassword gives a user another password and ends his sessions.
func (s *Users) SetPassword(ctx context.Context, actor Actor, ref, password string) (User, error) {
	if err := actor.administers(); err != nil {
		return User{}, err
	}
	u, err := s.Get(ctx, actor, ref)
	if err != nil {
		return User{}, err
	}
	hash, err := s.hashNew(ctx, actor.caller(), password, u)
	if err != nil {
		return User{}, err
	}
	return s.change(ctx, actor, u.ID, "user.password", func(tx *journal, u *User) error {
		if _, err := tx.SetUserPassword(u.ID, "", hash); err != nil {
			return err
		}
		return tx.SetRestoredBy(u.ID, "")
	})
}

// change applies one administrative change, revokes, records and obeys. userRemove
// removes the user, after the epoch was raised.
func (s *Users) change(ctx context.Context, actor Actor, ref, action string, apply func(*journal, *User) error) (u User, err error) {
	if err := actor.administers(); err != nil {
		return User{}, err
	}
	var change EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		if u, err = findUser(tx, actor, ref); err != nil {
			return err
		}
		if err = lockUser(tx, u.ID); err != nil { // before his sessions, as he does himself
			return err
		}
		if apply != nil {
			if err = apply(tx, &u); err != nil {
				return err
			}
		}
		if change, err = revoke(tx, Subject{SubjectUser, u.ID}, s.now()); err != nil {
			return err
		}
		if action == userRemove {
			if err = tx.RemoveUser(u.ID); err != nil {
				return err
			}
		}
		return s.record(tx, s.userEvent(actor, u, action))
	})
	if err != nil {
		return User{}, err
	}
	s.live.obey(s.now(), change)
	return u, nil
}

func (s *Users) userEvent(actor Actor, u User, action string) Event {
	return Event{Actor: actor.String(), Action: action, Outcome: OutcomeOK, Tenant: u.Tenant, UserID: u.ID}
}
