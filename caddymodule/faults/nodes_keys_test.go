package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// published are the key IDs that a node's JWKS names.
func (n *node) published() map[string]bool {
	_, body := n.get("/.doorward/jwks.json", "")
	var set struct{ Keys []struct{ Kid string } }
	_ = json.Unmarshal([]byte(body), &set) // no answer names no key
	ids := map[string]bool{}
	for _, k := range set.Keys {
		ids[k.Kid] = true
	}
	return ids
}

// pressure asks for pages and logs in at every node, until it is stopped. Each
// worker has a user of its own; refusals are violations. seen gets each login.
func (x *experiment) pressure(nodes []*node, seen func(token string)) (stop func()) {
	const workers = 4
	people, tokens := make([]*person, workers), make([]string, workers)
	for i := range people {
		people[i] = nodes[0].enrol(fmt.Sprintf("worker%d", i), 1)
		tokens[i] = nodes[0].mustLogin(people[i])
	}
	turn := make([]int, workers)
	return beside(workers, 20*time.Millisecond, func(i int) {
		n := nodes[turn[i]%len(nodes)]
		turn[i]++
		if status, body := n.get("/", tokens[i]); status != http.StatusOK {
			x.violate("a request gets %d: %s", status, body)
		}
		if turn[i]%5 == 0 {
			status, token := n.login(people[i], people[i].devices[0].code())
			if status != http.StatusCreated {
				x.violate("a login gets %d", status)
				return
			}
			tokens[i] = token
			seen(token)
		}
		x.ack()
	})
}

// Keys that are rotated on one node are published by all within a second; the
// old one goes on signing, and nothing is refused meanwhile. When the new key
// signs, a minute later, is tested in authcore with a clock that is turned, and
// in TestKeysSignAfterAMinute.
func TestKeysRotateEverywhere(t *testing.T) {
	x := begin(t, "nodes-keys")
	_, nodes := threeNodes(t)
	p := nodes[0].enrol("alice", 1)
	old := kid(t, nodes[0].mustLogin(p))
	signed := make(chan string, 10_000)
	stop := x.pressure(nodes, func(token string) { signed <- token })
	defer stop()
	for i := range 3 {
		var made admin.Key
		nodes[i].mustCall("key/rotate", admin.Nothing{}, &made)
		took := x.until(time.Second, "every node publishes the new key and the old", func() bool {
			for _, n := range nodes {
				if keys := n.published(); !keys[made.ID] || !keys[old] {
					return false
				}
			}
			return true
		})
		x.note(fmt.Sprintf("published_after_%d_ms", i), took.Milliseconds())
		for _, n := range nodes {
			token := n.mustLogin(p)
			if kid(t, token) != old {
				x.violate("%s signs before its time", kid(t, token))
			}
			for _, other := range nodes {
				if status, _ := other.get("/", token); status != http.StatusOK {
					x.violate("a token gets %d", status)
				}
			}
		}
	}
	stop()
	close(signed)
	for token := range signed {
		if kid(t, token) != old {
			x.violate("%s signs before its time", kid(t, token))
		}
	}
}
