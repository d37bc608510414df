package authcore

import "context"

// Retired is what was ended after a restore.
type Retired struct {
	Sessions, TOTP, HOTP, Backup int64
	// Next is where the next batch begins; 0 when there is none.
	Next int64
}

// Restored makes a store safe that was restored from a backup: what was used or
// revoked after the backup would work again. Every session ends. A TOTP device
// takes no code of a time up to now. How far a HOTP device has counted can't be
// known, so it is blocked: unblock and resynchronise it with its owner. Which
// backup codes were used can't be known: they are blocked until he makes new ones.
// Codes on their way and invitations are void, and requests for client devices have
// expired: their apps ask anew. What was disabled or blocked after the backup is
// not known either, be it a user, a device or an account: the log tells it. Nor is which
// signed calls were seen: for five minutes one of before could be repeated.
//
// Other nodes that run forget what they know when they hear of it. Interrupted,
// call it again.
func (c *Core) Restored(ctx context.Context, actor Actor) (Retired, error) {
	if err := actor.operates(); err != nil {
		return Retired{}, err
	}
	defer c.live.forget()
	var sum Retired
	for from := int64(0); ; {
		var batch Retired
		err := c.write(ctx, func(tx *journal) (err error) {
			batch, err = tx.Retire(from, c.now())
			if err != nil || batch.Next != 0 {
				return err
			}
			if _, err := tx.BumpEpoch(Subject{Kind: SubjectStore}, c.now()); err != nil {
				return err
			}
			return c.record(tx, Event{Actor: actor.String(), Action: "store.restored", Outcome: OutcomeOK})
		})
		if err != nil {
			return sum, err
		}
		sum.Sessions, sum.TOTP = sum.Sessions+batch.Sessions, sum.TOTP+batch.TOTP
		sum.HOTP, sum.Backup = sum.HOTP+batch.HOTP, sum.Backup+batch.Backup
		if from = batch.Next; from == 0 {
			break
		}
	}
	return sum, nil
}
