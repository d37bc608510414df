//go:build faults

package faults

import (
	"testing"
	"time"
)

// FI-13: a thousand wrong logins a second, for eight seconds each way.
func TestLoginFloodOfAThousand(t *testing.T) { loginFlood(t, 1000, 8*time.Second, 60*time.Millisecond) }
