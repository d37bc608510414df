package authcore

import (
	"context"
	"errors"
	"fmt"
)

var errStale = errors.New("the view of the store is too old")

// canary is sealed once; a key that can't open it is the wrong key.
const canary = "doorward"

// ProveSeal opens the canary, or makes it in a store that has nothing sealed.
// A wrong key touches no row.
func (c *Core) ProveSeal(ctx context.Context) error {
	var sealed []byte
	err := c.store.Read(ctx, func(tx Tx) (err error) { sealed, err = tx.Canary(); return err })
	if CodeOf(err) == CodeNotFound {
		err = c.store.Write(ctx, func(tx Tx) error {
			// Made before it looks: of nodes that start at once all but one wait
			// here, so that what is sealed beside it was not sealed by another.
			sealed = c.ring.Seal("seal_canary", "canary", "1", []byte(canary))
			if err := tx.CreateCanary(sealed); err != nil {
				return err
			}
			if values, err := tx.SealedWithout(nil, 2); err != nil || len(values) > 1 {
				return errors.Join(err, Errorf(CodeInvalid, "the store has sealed values but no proof of the seal key: restore it from a backup"))
			}
			return nil
		})
		if CodeOf(err) == CodeConflict { // another node was first
			err = c.store.Read(ctx, func(tx Tx) (err error) { sealed, err = tx.Canary(); return err })
		}
	}
	if err != nil {
		return err
	}
	if plain, err := c.ring.Open("seal_canary", "canary", "1", sealed); err != nil || string(plain) != canary {
		return Wrap(CodeInvalid, err, "the seal key is not the one this store was sealed with: configure that key (it may stand second)")
	}
	return nil
}

// RotateSeal seals everything anew with the first key, while the gate is open,
// and says how many values it changed. Interrupted, it goes on at the next call.
func (c *Core) RotateSeal(ctx context.Context, actor Actor) (int, error) {
	if err := actor.operates(); err != nil {
		return 0, err
	}
	changed := 0
	for {
		var values []SealedValue
		err := c.store.Read(ctx, func(tx Tx) (err error) {
			values, err = tx.SealedWithout(c.ring.Prefix(), 100)
			return err
		})
		if err == nil && len(values) == 0 {
			err = c.showKeysAgain(ctx)
		}
		if err != nil || len(values) == 0 {
			return changed, err
		}
		n, err := c.reseal(ctx, actor, values)
		if err != nil {
			return changed, err
		}
		changed += n
	}
}

func (c *Core) reseal(ctx context.Context, actor Actor, values []SealedValue) (changed int, err error) {
	err = c.write(ctx, func(tx *journal) error {
		changed = 0
		for _, v := range values {
			plain, err := c.ring.Open(v.Table, v.Column, v.Row, v.Sealed)
			if err != nil {
				return Wrap(CodeConflict, err, fmt.Sprintf("%s %s was sealed with a key that is not configured: add that key as a further seal_key", v.Table, v.Row))
			}
			won, err := tx.ReplaceSealed(v, c.ring.Seal(v.Table, v.Column, v.Row, plain))
			if err != nil {
				return err
			}
			if won {
				changed++
			}
		}
		return c.record(tx, Event{Actor: actor.String(), Action: "seal.rotate", Outcome: OutcomeOK})
	})
	return changed, err
}

// showKeysAgain makes every view read the signing keys anew, as they are sealed
// now: with the old text a later configuration, without the old seal key, could
// not sign.
func (c *Core) showKeysAgain(ctx context.Context) error {
	err := c.store.Write(ctx, func(tx Tx) error {
		_, err := tx.BumpEpoch(Subject{Kind: SubjectKeys}, c.now())
		return err
	})
	if err != nil {
		return err
	}
	return c.live.Refresh(ctx, c.store, c.now())
}
