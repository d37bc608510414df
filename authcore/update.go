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

// Update changes a user in one transaction. All but attributes end his sessions.
// CodeConflict with ReasonUserTaken when the e-mail or phone is another's.
func (s *Users) Update(ctx context.Context, actor Actor, ref string, c Changes) (User, error) {
	return User{}, errNotBuilt
}

// Find lists up to limit users of the actor's tenant whose name, e-mail or phone has
// words in it, in any case, by name.
func (s *Users) Find(ctx context.Context, actor Actor, words string, limit int) ([]User, error) {
	return nil, errNotBuilt
}

// RemoveAlone removes a user and puts the devices that make codes by themselves back
// in stock. The rest goes with him, and his tokens open nothing more.
func (s *Users) RemoveAlone(ctx context.Context, actor Actor, ref string) (User, error) {
	return User{}, errNotBuilt
}

// CheckPassword says whether a password is the user's: as for a login it is counted,
// hashed and audited, and ends there. CodeUnauthenticated with ReasonWrongSecret,
// also for an unknown user and for too many tries.
func (s *Users) CheckPassword(ctx context.Context, actor Actor, name, password string, from Origin) (User, error) {
	return User{}, errNotBuilt
}
