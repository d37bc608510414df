package faults

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-01: of a thousand parallel posts of one code at two nodes one wins.
func TestOneCodeTwoNodes(t *testing.T) {
	x := begin(t, "FI-01")
	w := newWorld(t, "postgres "+postgrestest.Start(t).Database(t))
	nodes := []*node{w.start(), w.start()}
	for _, name := range []string{"alice", "bob", "carol"} { // the losers pause a device
		p := nodes[0].enrol(name, 1)
		code := p.devices[0].code()
		var wins, others, odd int
		var mu sync.Mutex
		var all sync.WaitGroup
		gate := make(chan struct{})
		for i := range 60 {
			all.Go(func() {
				<-gate
				began := time.Now()
				status, _ := nodes[i%2].login(p, code)
				mu.Lock()
				defer mu.Unlock()
				x.took(time.Since(began), 5*time.Second, "a login")
				switch status {
				case http.StatusCreated:
					wins++
					x.ack()
				case http.StatusUnauthorized, http.StatusServiceUnavailable, http.StatusTooManyRequests:
					others++
				default:
					odd++
				}
			})
		}
		close(gate)
		all.Wait()
		if wins != 1 || odd != 0 {
			x.violate("%d logins won by one code, %d refused, %d odd", wins, others, odd)
		}
	}
}

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
