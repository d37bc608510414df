//go:build faults

package faults

import "testing"

// FI-17.
func TestNotificationsLostFor500(t *testing.T) {
	revokeWithoutListeners(t, 500)
}
