//go:build faults

package faults

import "testing"

// FI-21: starts killed twenty times.
func TestKilledWhileMigratingTwentyTimes(t *testing.T) {
	begin(t, "FI-21").killStarts(t, 20, postgresWorlds(t))
}

func TestKilledWhileMigratingTwentyTimesSQLite(t *testing.T) {
	begin(t, "FI-21").killStarts(t, 20, sqliteWorlds(t))
}
