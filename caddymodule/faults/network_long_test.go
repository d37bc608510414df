//go:build faults

package faults

import (
	"testing"
	"time"
)

// FI-07: each trouble that a network can give, one after the other.
func TestBadNetwork(t *testing.T) {
	x := begin(t, "FI-07")
	storm(x, map[string]weather{
		"black_hole":     {up: true, down: true},
		"lost_answers":   {down: true},
		"lost_questions": {up: true},
		"slow":           {delay: 800 * time.Millisecond},
		"refused":        {refuse: true},
	}, 10*time.Second, 6*time.Second)
}
