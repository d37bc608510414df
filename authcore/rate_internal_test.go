package authcore

import (
	"strconv"
	"testing"
	"time"
)

// However many callers there are, a bounded number of them is remembered.
func TestRatesAreBounded(t *testing.T) {
	var r rates
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for n := range 3 * maxBuckets {
		if wait := r.take(strconv.Itoa(n), 1, now); wait != 0 {
			t.Fatalf("the first of %d waits %s", n, wait)
		}
		if len(r.buckets) > maxBuckets {
			t.Fatalf("%d are remembered", len(r.buckets))
		}
	}
	last := strconv.Itoa(3*maxBuckets - 1)
	if wait := r.take(last, 1, now); wait != time.Minute {
		t.Errorf("the last is let in after %s, want a minute", wait)
	}
	if wait := r.take("fast", MaxRate, now); wait != 0 {
		t.Errorf("the fastest waits %s", wait)
	}
}
