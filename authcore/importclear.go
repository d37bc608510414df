package authcore

import (
	"context"
	"time"
)

const (
	// importStill is how long an import may stand still that stands in the way of
	// another: a batch takes a fraction of a second.
	importStill = 10 * time.Second
	// clearBatches is how many batches one call removes: it must end within the time
	// that a call may take.
	clearBatches = 10
)

// Clear makes room for an import into the actor's tenant, and says whether there is:
// one goes on at a time, and what broke off must be removed first, for it holds the
// serials that are likely to come again. If there is no room, ask again.
func (s *Imports) Clear(ctx context.Context, actor Actor) (clear bool, err error) {
	if err := actor.administers(); err != nil {
		return false, err
	}
	for range clearBatches {
		dropped := false
		err = s.store.Write(ctx, func(tx Tx) error {
			clear, dropped = true, false
			imports, err := tx.Imports(s.now().Add(importIdle)) // all there are
			for _, i := range imports {
				if i.Tenant != actor.home() {
					continue
				}
				clear = false
				if dropped = s.now().Sub(i.TouchedAt) > importStill; dropped {
					_, err = tx.DropStaged(i.ID, ImportBatch)
					break
				}
			}
			return err
		})
		if err != nil || !dropped {
			return clear && err == nil, err
		}
	}
	return false, nil
}
