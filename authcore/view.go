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
	epochs map[Subject]mark
	keys   keySet
	cursor int64
	asOf   time.Time
}

// mark is an epoch, and when this node heard of it.
type mark struct {
	epoch int64
	heard time.Time
}

// StaleAfter is how old a view may be before requests are refused.
const StaleAfter = 30 * time.Second

// refresh reads what changed since the last time.
func (v *View) refresh(ctx context.Context, store Store, now time.Time) error {
	v.mu.RLock()
	cursor, first := v.cursor, v.asOf.IsZero()
	v.mu.RUnlock()
	var changes []EpochChange
	var keys keySet
	err := store.Read(ctx, func(tx Tx) (err error) {
		changes, cursor, err = tx.EpochsSince(cursor)
		if err != nil || !first && !touchesKeys(changes) {
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
	v.apply(now, changes...)
	if keys != nil && cursor >= v.cursor { // or another refresh has read newer ones meanwhile
		v.keys = keys
	}
	v.cursor, v.asOf = max(v.cursor, cursor), now
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
func (v *View) note(now time.Time, changes ...EpochChange) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.apply(now, changes...)
}

func (v *View) apply(now time.Time, changes ...EpochChange) {
	if v.epochs == nil {
		v.epochs = map[Subject]mark{}
	}
	for _, c := range changes {
		v.epochs[c.Subject] = mark{max(v.epochs[c.Subject].epoch, c.Epoch), now}
	}
}

// forget drops what was heard of before a time when no token of it can live.
func (v *View) forget(before time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for s, m := range v.epochs {
		if m.heard.Before(before) {
			delete(v.epochs, s)
		}
	}
}

// behind says whether p was revoked. Only integers are compared.
func (v *View) behind(p *Principal) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return p.epochs.user < v.epochs[Subject{SubjectUser, p.UserID}].epoch ||
		p.epochs.device < v.epochs[Subject{SubjectDevice, p.DeviceID}].epoch ||
		p.epochs.session < v.epochs[Subject{SubjectSession, p.SessionID}].epoch
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
