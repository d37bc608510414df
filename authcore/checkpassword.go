package authcore

import "context"

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
