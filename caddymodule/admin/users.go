package admin

import (
	"context"
	"time"

	"github.com/doorward/doorward/authcore"
)

// operator is who asks: Caddy let him reach the admin endpoint.
var operator = authcore.Operator()

// operator is he, for whom bare names are those of a tenant.
func (in InTenant) operator() authcore.Actor { return authcore.OperatorIn(in.Tenant) }

// check refuses a tenant that there can't be: it would read as an empty one.
func (in InTenant) check() error {
	if in.Tenant == "" {
		return nil
	}
	return authcore.CheckTenant(in.Tenant)
}

func addUser(ctx context.Context, core *authcore.Core, in AddUser) (UserWithPassword, error) {
	password, made := passwordOr(in.Password)
	u, err := core.Users.Add(ctx, in.operator(), authcore.NewUser{
		Name: in.Name, Email: in.Email, Phone: in.Phone, Groups: in.Groups, Language: in.Language, Password: password,
	})
	return UserWithPassword{userShape(u), made}, err
}

func setPassword(ctx context.Context, core *authcore.Core, in SetPassword) (UserWithPassword, error) {
	password, made := passwordOr(in.Password)
	u, err := core.Users.SetPassword(ctx, in.operator(), in.User, password)
	return UserWithPassword{userShape(u), made}, err
}

// passwordOr gives the password to set, and the one to show: a password that
// the operator brought is not repeated.
func passwordOr(given string) (password, made string) {
	if given != "" {
		return given, ""
	}
	made = authcore.NewPassword()
	return made, made
}

func listUsers(ctx context.Context, core *authcore.Core, in InTenant) ([]User, error) {
	users, err := core.Users.List(ctx, in.operator())
	return shapes(users, err, userShape)
}

func showUser(ctx context.Context, core *authcore.Core, in UserRef) (UserWithIdentities, error) {
	u, err := core.Users.Get(ctx, in.operator(), in.User)
	if err != nil {
		return UserWithIdentities{}, err
	}
	linked, err := core.Users.Identities(ctx, in.operator(), u.ID)
	list, err := shapes(linked, err, func(i authcore.Identity) Identity { return Identity{i.Source, i.Subject} })
	return UserWithIdentities{userShape(u), list}, err
}

func linkUser(ctx context.Context, core *authcore.Core, in Link) (User, error) {
	u, err := core.Users.Link(ctx, in.operator(), in.User, in.Identity, in.Subject)
	return userShape(u), err
}

func unlinkUser(ctx context.Context, core *authcore.Core, in Link) (User, error) {
	u, err := core.Users.Unlink(ctx, in.operator(), in.User, in.Identity, in.Subject)
	return userShape(u), err
}

func disableUser(ctx context.Context, core *authcore.Core, in UserRef) (User, error) {
	u, err := core.Users.SetDisabled(ctx, in.operator(), in.User, true)
	return userShape(u), err
}

func enableUser(ctx context.Context, core *authcore.Core, in UserRef) (User, error) {
	u, err := core.Users.SetDisabled(ctx, in.operator(), in.User, false)
	return userShape(u), err
}

func removeUser(ctx context.Context, core *authcore.Core, in UserRef) (User, error) {
	u, err := core.Users.Remove(ctx, in.operator(), in.User)
	return userShape(u), err
}

func userShape(u authcore.User) User {
	status := "active"
	if u.Disabled {
		status = "disabled"
	}
	return User{
		ID: u.ID, Tenant: u.Tenant, Name: u.Name, Email: u.Email, Phone: u.Phone,
		Groups:   append([]string{}, u.Groups...), // [] and not null
		Language: u.Language, Status: status, CreatedAt: moment(u.CreatedAt),
	}
}

// moment is t as the answers show it; zero stays zero.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
