package authcore_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// REL-13: a crowd of tokens that nobody has seen yet leaves the poll its way to
// the store; who waits in vain is told so in time, and nobody is let in.
func TestCrowdLeavesThePollItsWay(t *testing.T) {
	h := newCore(t, nil)
	l := h.login(t, h.member(t, "alice"))
	node := h.again(t, nil)
	looked, goOn := make(chan struct{}, 1000), make(chan struct{})
	h.faults.Before = func(query string) {
		if strings.Contains(query, "FROM sessions") {
			looked <- struct{}{}
			<-goOn
		}
	}
	var crowd sync.WaitGroup
	for range 100 {
		crowd.Go(func() {
			_, err := node.Gatekeeper.Authenticate(t.Context(), l.Token, site)
			if err != nil && authcore.CodeOf(err) != authcore.CodeUnavailable {
				t.Errorf("one of the crowd: %v", err)
			}
		})
	}
	for range 3 {
		<-looked // as many as look at once
	}
	node.refresh(t)
	close(goOn)
	crowd.Wait()
	node.passes(t, l.Token)
}
