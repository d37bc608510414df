package admin

import (
	"context"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
)

// inviteUser makes the link of configuration alone: what a request names as its
// host could be anybody's (law 9).
func inviteUser(ctx context.Context, a *app.App, core *authcore.Core, in UserRef) (Invitation, error) {
	if a.PublicURL == "" {
		return Invitation{}, authcore.Errorf(authcore.CodeConflict, "public_url is not set: set it in the global block doorward to the address that people use, and a link can be made")
	}
	i, err := core.Users.Invite(ctx, in.operator(), in.User)
	if err != nil {
		return Invitation{}, err
	}
	return Invitation{
		URL: a.PublicURL + a.Pages().Prefix + "invite/" + i.Token, User: i.User.Name, ExpiresAt: moment(i.ExpiresAt),
	}, nil
}
