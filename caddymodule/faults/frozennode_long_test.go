//go:build faults

package faults

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// FI-23 at every point of a login where it holds a lock, and after its commit,
// for half a minute each.
func TestFrozenNodeAtEveryPoint(t *testing.T) {
	x := begin(t, "FI-23")
	i := newIce(t)
	for _, at := range []frozenAt{
		{"try_counted", answered, []string{"INSERT INTO attempts"}},
		consumed,
		{"before_the_commit", asked, []string{"UPDATE devices SET last_counter", "INSERT INTO sessions", "COMMIT"}},
		{"after_the_commit", answered, []string{"UPDATE devices SET last_counter", "INSERT INTO sessions", "COMMIT"}},
	} {
		i.freeze(x, at, 30*time.Second)
	}
}

// FI-23 at no point in particular: many logins are in flight when the node stops.
func TestFrozenNodeUnderLoad(t *testing.T) {
	x := begin(t, "FI-23")
	i := newIce(t)
	people := make([]*person, 6)
	for n := range people {
		people[n] = i.other.enrol(fmt.Sprintf("user%d", n), 1)
	}
	tokens := make(chan string, 100_000)
	stop := beside(len(people), time.Millisecond, func(n int) {
		status, token := i.frozen.login(people[n], people[n].devices[0].code())
		if status == http.StatusCreated {
			tokens <- token
			x.ack()
		}
	})
	defer stop()
	tick := time.NewTicker(3 * time.Second)
	defer tick.Stop()
	for range 12 {
		<-tick.C
		i.frozen.signal(syscall.SIGSTOP)
		<-tick.C
		bystander := i.other.enrol(fmt.Sprintf("bystander%d", time.Now().UnixNano()), 1)
		asked := time.Now()
		i.other.mustLogin(bystander)
		x.took(time.Since(asked), 3*time.Second, "a login of another user at the other node")
		i.frozen.signal(syscall.SIGCONT)
	}
	stop()
	close(tokens)
	seen := map[string]bool{}
	for token := range tokens {
		id := sid(t, token)
		if seen[id] || i.other.count(`SELECT count(*) FROM sessions WHERE id = $1`, id) != 1 {
			x.violate("the token of session %s has no session of its own", id)
		}
		seen[id] = true
	}
}
