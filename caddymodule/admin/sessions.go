package admin

import (
	"context"
	"slices"

	"github.com/doorward/doorward/authcore"
)

func listSessions(ctx context.Context, core *authcore.Core, in ListOf) ([]Session, error) {
	list, err := core.Sessions.List(ctx, in.operator(), in.User)
	if err != nil {
		return nil, err
	}
	if in.Tenant != "" { // else those of all of them
		list = slices.DeleteFunc(list, func(s authcore.Session) bool { return s.Tenant != in.Tenant })
	}
	names, err := userNames(ctx, core, in.operator())
	if err != nil {
		return nil, err
	}
	numbers, err := serials(ctx, core, in.operator(), in.User)
	return shapes(list, err, func(s authcore.Session) Session {
		shape := sessionShape(s)
		shape.UserName, shape.Serial = names[s.UserID], numbers[s.DeviceID]
		return shape
	})
}

func revokeSession(ctx context.Context, core *authcore.Core, in SessionRef) (Session, error) {
	s, err := core.Sessions.Revoke(ctx, operator, in.Session)
	return sessionShape(s), err
}

func sessionShape(s authcore.Session) Session {
	return Session{
		ID: s.ID, User: s.UserID, Device: s.DeviceID, Audience: s.Audience, ClientID: s.ClientID,
		Address: s.Address, Agent: s.Agent, OTPAt: moment(s.OTPTime), ExpiresAt: moment(s.ExpiresAt),
	}
}

func rotateKey(ctx context.Context, core *authcore.Core, _ Nothing) (Key, error) {
	k, err := core.Keys.Rotate(ctx, operator)
	return Key{k.ID, k.Algorithm, moment(k.ActiveFrom)}, err
}

func rotateSeal(ctx context.Context, core *authcore.Core, _ Nothing) (Sealed, error) {
	changed, err := core.RotateSeal(ctx, operator)
	return Sealed{changed}, err
}

func storeRestored(ctx context.Context, core *authcore.Core, _ Nothing) (Retired, error) {
	r, err := core.Restored(ctx, operator)
	return Retired{r.Sessions, r.TOTP, r.HOTP, r.Backup}, err
}
