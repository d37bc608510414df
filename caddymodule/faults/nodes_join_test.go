package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// A node that starts beside others refuses nothing from its first readiness on:
// neither sessions that another node made nor logins.
func TestNodeJoins(t *testing.T) {
	x := begin(t, "nodes-join")
	w := newWorld(t, "postgres "+postgrestest.Start(t, "max_connections = 200").Database(t))
	a := w.start()
	stop := x.pressure([]*node{a}, func(string) {})
	defer stop()
	for _, name := range []string{"alice", "bob"} {
		p := a.enrol(name, 1)
		token := a.mustLogin(p)
		b := w.prepare()
		began := time.Now()
		b.run()
		x.until(10*time.Second, "the new node is ready", b.ready)
		x.note("ready_after_ms", time.Since(began).Milliseconds())
		for range 20 {
			if status, body := b.get("/", token); status != http.StatusOK {
				x.violate("the new node gives a session of another %d: %s", status, body)
			}
			x.ack()
		}
		for range 3 {
			status, here := b.login(p, p.devices[0].code())
			if status != http.StatusCreated {
				x.violate("the new node gives a login %d", status)
			}
			if status, _ := a.get("/", here); status != http.StatusOK {
				x.violate("the old node gives a session of the new one %d", status)
			}
			x.ack()
		}
		b.kill()
	}
}

// Nodes that start at once on an empty database agree on one signing key and one
// proof of the seal key, and every one becomes ready (see TestMigrateOnce for
// the schema).
func TestThreeNodesStartAtOnce(t *testing.T) {
	x := begin(t, "nodes-start")
	cluster := postgrestest.Start(t, "max_connections = 200")
	w := newWorld(t, "postgres "+cluster.Database(t))
	nodes := []*node{w.prepare(), w.prepare(), w.prepare()}
	x.startTogether(nodes)
	p := nodes[0].enrol("alice", 1)
	for _, n := range nodes {
		token := n.mustLogin(p)
		for _, other := range nodes {
			if status, _ := other.get("/", token); status != http.StatusOK {
				x.violate("a token of another node gets %d", status)
			}
		}
	}
}

// startTogether starts nodes at once, and demands that each becomes ready and
// that the store then has one of what there is once.
func (x *experiment) startTogether(nodes []*node) {
	x.t.Helper()
	for _, n := range nodes {
		n.run()
	}
	for _, n := range nodes {
		x.until(15*time.Second, "every node is ready", func() bool {
			select {
			case <-n.ended:
				x.t.Fatalf("a node gave up at its start: %s", n.log.tail(1000))
			default:
			}
			return n.ready()
		})
		x.ack()
	}
	for table, want := range map[string]int{"signing_keys": 1, "seal_canary": 1, "key_set": 1} {
		if rows := nodes[0].count(`SELECT count(*) FROM ` + table); rows != want {
			x.violate("%s has %d rows, want %d", table, rows, want)
		}
	}
}
