package authcore

import (
	"sync"
	"time"
)

// rates counts what happens how often, on this node alone: a bucket for each key. A
// minute's worth may come at once, and then as it flows off. The zero value is ready.
type rates struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

// bucket is how much of a minute was used up at a moment.
type bucket struct {
	used time.Duration
	at   time.Time
}

// maxBuckets bounds what is remembered to some 1 MiB.
const maxBuckets = 1 << 13

// take takes one of so many a minute, or says how long it is until there is one.
func (r *rates) take(key string, perMinute int, now time.Time) (wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, one := r.buckets[key], time.Minute/time.Duration(perMinute)
	// A clock that was set back stops the flow for no longer than a minute.
	b.used, b.at = max(0, b.used-max(0, now.Sub(b.at))), now
	if wait = max(0, b.used+one-time.Minute); wait == 0 {
		b.used += one
	}
	r.put(key, b)
	return wait
}

// put forgets some when there are too many, any: with callers in turn, forgetting
// the oldest would forget just the next one.
func (r *rates) put(key string, b bucket) {
	if _, known := r.buckets[key]; !known && len(r.buckets) >= maxBuckets {
		some := maxBuckets / 64
		for old := range r.buckets { // in no order
			delete(r.buckets, old)
			if some--; some == 0 {
				break
			}
		}
	}
	if r.buckets == nil {
		r.buckets = map[string]bucket{}
	}
	r.buckets[key] = b
}
