package authcore

import (
	"context"
	"slices"
)

// OwnWays are the ways in which the user that actor is may have a browser of his
// approved, the best one first: WayDevice when he has one that counts, and unless he
// wants no other (User.StrictDevices) WayPhone and WayEmail as far as there are channels
// and addresses. When there is none, AskOwn takes WayDevice all the same: then it waits for
// an operator.
func (s *Approvals) OwnWays(ctx context.Context, actor Actor) (ways []ApprovalWay, err error) {
	if err := actor.isUser(); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) error {
		u, err := findUser(tx, actor, actor.userID)
		if err == nil {
			ways, err = s.ownWays(tx, u)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return ways, nil
}

func (s *Approvals) ownWays(tx Tx, u User) (ways []ApprovalWay, err error) {
	registered, err := registeredClient(tx, u)
	if err != nil {
		return nil, err
	}
	if registered {
		ways = append(ways, WayDevice)
	}
	if u.StrictDevices {
		return ways, nil
	}
	for _, way := range []ApprovalWay{WayPhone, WayEmail} {
		if kind := way.sentTo(); u.addressOf(kind) != "" && s.channels[kind] != nil {
			ways = append(ways, way)
		}
	}
	return ways, nil
}

// mayAskBy says whether u may have a browser approved in a way.
func (s *Approvals) mayAskBy(tx Tx, u User, way ApprovalWay) error {
	ways, err := s.ownWays(tx, u)
	switch {
	case err != nil:
		return err
	case slices.Contains(ways, way), len(ways) == 0 && way == WayDevice:
		return nil
	case len(ways) == 0:
		return Errorf(CodeConflict, "nothing here lets a browser of yours in: ask whoever runs this site")
	case u.StrictDevices:
		return Errorf(CodeConflict, "a new browser of yours is approved from a device that you have registered, and in no other way")
	}
	return Errorf(CodeConflict, "a browser of yours is approved by %v, not by %q", ways, way)
}

// registeredClient says whether u has a client device that counts.
func registeredClient(tx Tx, u User) (bool, error) {
	devices, err := tx.Devices(u.Tenant, u.ID)
	if err != nil {
		return false, err
	}
	for _, d := range devices {
		if d.Kind != KindClient {
			continue
		}
		b, err := bondOf(tx, d.ID)
		if err != nil || b.holds(u.ID) {
			return err == nil, err
		}
	}
	return false, nil
}
