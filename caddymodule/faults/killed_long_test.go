//go:build faults

package faults

import (
	"testing"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-02 in full.
func TestKilledTwoHundredTimesSQLite(t *testing.T) {
	killAgainAndAgain(begin(t, "FI-02"), newWorld(t, "sqlite "+t.TempDir()+"/doorward.db"), 200)
}

func TestKilledTwoHundredTimesPostgres(t *testing.T) {
	killAgainAndAgain(begin(t, "FI-02"), newWorld(t, "postgres "+postgrestest.Start(t).Database(t)), 200)
}
