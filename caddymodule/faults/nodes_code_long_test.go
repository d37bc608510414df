//go:build faults

package faults

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-01 in full: a thousand posts of one code, fifty codes, at two nodes.
func TestOneCodeThousandPosts(t *testing.T) {
	x := begin(t, "FI-01")
	w := newWorld(t, "postgres "+postgrestest.Start(t).Database(t))
	nodes := []*node{w.start(), w.start()}
	for i := range 50 {
		x.raceForCode(nodes, fmt.Sprintf("user%d", i), 1000, 3*time.Second)
	}
}

// And at one node with SQLite.
func TestOneCodeThousandPostsSQLite(t *testing.T) {
	x := begin(t, "FI-01")
	w := newWorld(t, "sqlite "+t.TempDir()+"/doorward.db")
	nodes := []*node{w.start()}
	for i := range 50 {
		x.raceForCode(nodes, fmt.Sprintf("user%d", i), 1000, 3*time.Second)
	}
}
