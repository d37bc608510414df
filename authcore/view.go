package authcore

import (
	"context"
	"sync"
	"time"
)

// View is what a node keeps in memory of the store so that a request needs no
// SQL: the epochs that changed, and the public signing keys. It is refreshed
// every 250 ms, and refuses to be used when it is older than 30 s.
type View struct {
	mu     sync.RWMutex
	epochs map[Subject]int64
	keys   keySet
	cursor Cursor
	asOf   time.Time
	// skew is how far this node's clock is from that of the database; positive
	// when it is ahead.
	skew time.Duration
	// restored says that the store is another one than what this node knows.
	restored bool
	// reading is held by the one refresh that runs.
	reading sync.Mutex
}

// StaleAfter is how old a view may be before requests are refused.
const StaleAfter = 30 * time.Second

// refresh reads what changed since the last time.
func (v *View) refresh(ctx context.Context, store Store, now time.Time) error {
	began := time.Now() // as now is
	v.reading.Lock()
	defer v.reading.Unlock()
	v.mu.RLock()
	last := v.cursor
	v.mu.RUnlock()
	var next Cursor
	var changes []EpochChange
	var keys keySet
	err := store.Read(ctx, func(tx Tx) (err error) {
		changes, next, err = tx.EpochsSince(last)
		if err != nil || next.Database == last.Database && !touchesKeys(changes) {
			return err
		}
		rows, err := tx.SigningKeys()
		if err == nil {
			keys, err = newKeySet(rows)
		}
		return err
	})
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.apply(changes...)
	if keys != nil {
		v.keys = keys
	}
	v.cursor, v.asOf, v.skew = next, now, skew(next.Clock, now, now.Add(time.Since(began)))
	return nil
}

func touchesKeys(changes []EpochChange) bool {
	for _, c := range changes {
		if c.Subject.Kind == SubjectKeys {
			return true
		}
	}
	return false
}

// note takes a change that this node has just committed, so that the answer to
// whoever asked for it is already true.
func (v *View) note(changes ...EpochChange) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.apply(changes...)
}

func (v *View) apply(changes ...EpochChange) {
	if v.epochs == nil {
		v.epochs = map[Subject]int64{}
	}
	for _, c := range changes {
		v.epochs[c.Subject] = max(v.epochs[c.Subject], c.Epoch)
		v.restored = v.restored || c.Subject.Kind == SubjectStore
	}
}

// crowd bounds the epochs to some 50 MiB.
const crowd = 1 << 18

// outdated says whether this node must forget what it knows: the store was
// restored, or there are too many epochs.
func (v *View) outdated() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.restored || len(v.epochs) > crowd
}

// forget drops all epochs. They matter only to who was verified before they
// changed: Live.forget forgets those too.
func (v *View) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.epochs, v.restored = nil, false
}

// behind says whether p was revoked. Only integers are compared.
func (v *View) behind(p *Principal) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return p.epochs.user < v.epochs[Subject{SubjectUser, p.UserID}] ||
		p.epochs.device < v.epochs[Subject{SubjectDevice, p.DeviceID}] ||
		p.epochs.session < v.epochs[Subject{SubjectSession, p.SessionID}] ||
		p.ClientDevice != "" && p.epochs.client < v.epochs[Subject{SubjectDevice, p.ClientDevice}]
}

// clockSkew says how far this node's clock is ahead of the database's.
func (v *View) clockSkew() time.Duration {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.skew
}

// age says how long ago the view was true; a view that never was is ancient.
func (v *View) age(now time.Time) time.Duration {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.asOf.IsZero() {
		return 1 << 62
	}
	return max(0, now.Sub(v.asOf))
}

// signingKeys are those known, oldest first.
func (v *View) signingKeys() keySet {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.keys
}
