package authcore

import (
	"context"
	"time"
)

// Import is devices that come in one go and are not there for anybody until the
// last of them is.
type Import struct {
	ID        string // UUID
	Tenant    string
	TouchedAt time.Time // when its last batch came; zero: it is being dropped
}

// SerialHolder is a device that has a serial.
type SerialHolder struct {
	Device
	ImportID string // of the import that brings it and has not ended; empty: it is there
}

// importIdle is how long an import may stand still before what it brought goes.
const importIdle = time.Hour

// dropIdle removes a batch of what an import brought that stands still, and says
// whether there is no more of that.
func dropIdle(ctx context.Context, store Store, now time.Time) (done bool, err error) {
	err = store.Write(ctx, func(tx Tx) error {
		idle, err := tx.Imports(now.Add(-importIdle))
		if done = len(idle) == 0; err != nil || done {
			return err
		}
		_, err = tx.DropStaged(idle[0].ID, ImportBatch)
		return err
	})
	return done, err
}
