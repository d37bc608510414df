//go:build faults

package faults

import (
	"testing"
	"time"
)

// FI-05: for so long that the view goes stale, and pages get 503 too.
func TestFrozenDatabaseForAMinute(t *testing.T) {
	frozenDatabase(t, time.Minute, 6*time.Second)
}
