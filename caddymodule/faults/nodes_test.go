package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// A device that is blocked on one node is refused on the other within a second.
func TestBlockedEverywhere(t *testing.T) {
	x := begin(t, "nodes-block")
	w := newWorld(t, "postgres "+postgrestest.Start(t).Database(t))
	a, b := w.start(), w.start()
	p := a.enrol("alice", 1)
	token := a.mustLogin(p)
	if status, _ := b.get("/", token); status != http.StatusOK {
		t.Fatalf("the other node gives %d", status)
	}
	a.mustCall("device/block", admin.DeviceRef{Device: p.devices[0].Serial}, nil)
	took := x.until(time.Second, "the other node refuses", func() bool {
		status, _ := b.get("/", token)
		return status == http.StatusUnauthorized
	})
	x.note("refused_after_ms", took.Milliseconds())
}
