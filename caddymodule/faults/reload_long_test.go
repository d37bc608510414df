//go:build faults

package faults

import "testing"

// FI-11: a minute.
func TestReloadsForAMinute(t *testing.T) { reloadUnderLoad(t, 120) }
