package admin

import (
	"context"

	"github.com/doorward/doorward/authcore"
)

// userNames gives the names that people know the IDs in a list by.
func userNames(ctx context.Context, core *authcore.Core, operator authcore.Actor) (map[string]string, error) {
	users, err := core.Users.List(ctx, operator)
	names := make(map[string]string, len(users))
	for _, u := range users {
		names[u.ID] = u.Name
	}
	return names, err
}

// serials gives the serials of the devices in a list.
func serials(ctx context.Context, core *authcore.Core, operator authcore.Actor, user string) (map[string]string, error) {
	devices, err := core.Devices.List(ctx, operator, user)
	found := make(map[string]string, len(devices))
	for _, d := range devices {
		found[d.ID] = d.Serial
	}
	return found, err
}
