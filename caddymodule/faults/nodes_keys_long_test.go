//go:build faults

package faults

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// A minute after it was made the new key signs, on every node, and neither its
// tokens nor those of the old one are refused anywhere.
func TestKeysSignAfterAMinute(t *testing.T) {
	x := begin(t, "nodes-keys")
	_, nodes := threeNodes(t)
	var made admin.Key
	var before, after atomic.Int64
	early := make(chan time.Duration, 10_000)
	var rotated atomic.Pointer[time.Time]
	stop := x.pressure(nodes, func(token string) {
		if at := rotated.Load(); at != nil && kid(t, token) == made.ID {
			after.Add(1)
			early <- time.Since(*at)
			return
		}
		before.Add(1)
	})
	defer stop()
	nodes[1].mustCall("key/rotate", admin.Nothing{}, &made)
	now := time.Now()
	rotated.Store(&now)
	x.until(90*time.Second, "the new key signs", func() bool { return after.Load() >= 20 })
	stop()
	close(early)
	for since := range early {
		if since < 59*time.Second {
			x.violate("the new key signs after %s", since)
		}
	}
	x.note("signed_by_the_old_key", before.Load())
	x.note("signed_by_the_new_key", after.Load())
}
