package authcore

import (
	"context"
	"slices"
)

// Block keeps an account, which ref names by name or ID, from having devices that count:
// the sessions that are bound to them end, and none is bound until it is unblocked. The
// devices stay what they are.
func (s *Accounts) Block(ctx context.Context, actor Actor, ref string) (Account, error) {
	return s.move(ctx, actor, ref, "account.block", AccountBlocked, AccountActive)
}

// Unblock makes a blocked account active again. It brings back no session.
func (s *Accounts) Unblock(ctx context.Context, actor Actor, ref string) (Account, error) {
	return s.move(ctx, actor, ref, "account.unblock", AccountActive, AccountBlocked)
}

// Close ends an account for good, as Block does.
func (s *Accounts) Close(ctx context.Context, actor Actor, ref string) (Account, error) {
	return s.move(ctx, actor, ref, "account.close", AccountClosed, AccountActive, AccountBlocked)
}

// move is the one way an account's status changes: from listed states only, in one
// statement, with the epochs of its devices raised in the same transaction.
func (s *Accounts) move(ctx context.Context, actor Actor, ref, action string, to AccountStatus, from ...AccountStatus) (a Account, err error) {
	if err := actor.operates(); err != nil {
		return Account{}, err
	}
	var changes []EpochChange
	err = s.write(ctx, func(tx *journal) (err error) {
		if a, err = findAccount(tx, actor, ref); err != nil {
			return err
		}
		// Before the account, as whoever binds or approves does: or what he makes now
		// would be missed.
		owners, err := lockApprovers(tx, a)
		if err != nil {
			return err
		}
		moved, err := tx.MoveAccount(a.ID, to, from...)
		if err != nil {
			return err
		}
		if !moved {
			return a.stays(to)
		}
		if a.Status = to; to != AccountActive {
			if changes, err = s.endBound(tx, a, owners); err != nil {
				return err
			}
		}
		return s.record(tx, accountEvent(actor, a, action))
	})
	if err != nil {
		return Account{}, err
	}
	s.live.obey(s.now(), changes...)
	return a, nil
}

// stays says why a can't become what it should.
func (a Account) stays(to AccountStatus) error {
	if a.Status == to {
		return Errorf(CodeConflict, "account %s is %s already", a.Name, to)
	}
	return Errorf(CodeConflict, "account %s is %s: it can't become %s", a.Name, a.Status, to)
}

// lockApprovers locks those of a, whose devices its devices are, in an order that
// everybody keeps.
func lockApprovers(tx Tx, a Account) (owners []string, err error) {
	approvers, err := tx.Approvers(a.ID)
	if err != nil {
		return nil, err
	}
	for _, who := range approvers {
		owners = append(owners, who.UserID)
	}
	slices.Sort(owners)
	for _, id := range owners {
		// Who is removed meanwhile has nothing left.
		if err := tx.LockUser(id); err != nil && CodeOf(err) != CodeNotFound {
			return nil, err
		}
	}
	return owners, nil
}

// endBound ends what is bound to the active devices of a.
func (s *Accounts) endBound(tx Tx, a Account, owners []string) (changes []EpochChange, err error) {
	for _, owner := range owners {
		devices, err := clientsOn(tx, a, owner)
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			if d.Status != StatusActive {
				continue
			}
			change, err := revoke(tx, Subject{SubjectDevice, d.ID}, s.now())
			if err != nil {
				return nil, err
			}
			changes = append(changes, change)
		}
	}
	return changes, nil
}

// clientsOn lists the client devices that a user has on an account, those out of use too.
func clientsOn(tx Tx, a Account, userID string) (list []Device, err error) {
	devices, err := tx.Devices(a.Tenant, userID)
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		if d.Kind != KindClient {
			continue
		}
		c, err := tx.Client(d.ID)
		if err != nil {
			return nil, err
		}
		if c.Account == a.ID {
			list = append(list, d)
		}
	}
	return list, nil
}
