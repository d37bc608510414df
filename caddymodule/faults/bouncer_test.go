package faults

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// PgBouncer in transaction mode, with a pool smaller than what the nodes would
// take: they start with an empty database through it, log people in, and hear of
// revocations within a second, with a connection past it or without.
func TestPooler(t *testing.T) {
	t.Parallel() // it mostly waits
	x := begin(t, "pgbouncer")
	pg := postgrestest.Start(t)
	pooler := pg.Bouncer(t, "default_pool_size = 6")
	dsn := pg.Database(t)
	w := newWorld(t, fmt.Sprintf("postgres %s {\nlisten_dsn {$LISTEN_DSN}\n}", pooler.Through(dsn)))
	var nodes []*node
	for _, listen := range []string{dsn, dsn, pooler.Through(dsn)} {
		n := w.prepare()
		n.env = []string{"LISTEN_DSN=" + listen}
		n.run() // all at once: one of them migrates
		nodes = append(nodes, n)
	}
	for _, n := range nodes {
		n.awaitReady()
	}
	var all sync.WaitGroup
	tokens := make([]string, 24)
	for i := range tokens {
		p := nodes[0].enrol(fmt.Sprintf("user%d", i), 1)
		all.Go(func() {
			began := time.Now()
			status := 0
			if status, tokens[i] = nodes[i%len(nodes)].login(p, p.devices[0].code()); status != http.StatusCreated {
				x.violate("a login through the pooler: %d", status)
			}
			x.took(time.Since(began), 3*time.Second, "a login")
			x.ack()
		})
	}
	all.Wait()
	slowest := make([]int64, len(nodes))
	for i, token := range tokens[:9] {
		for _, n := range nodes {
			if status, _ := n.get("/", token); status != http.StatusOK {
				t.Fatalf("a session gets %d", status)
			}
		}
		nodes[i%3].mustCall("session/revoke", admin.SessionRef{Session: sessionOf(token)}, nil)
		for j, n := range nodes {
			took := x.until(time.Second, "every node refuses", func() bool {
				status, _ := n.get("/", token)
				return status == http.StatusUnauthorized
			})
			slowest[j] = max(slowest[j], took.Milliseconds())
		}
	}
	x.note("slowest_revocation_ms", slowest) // the last node hears of none
}
