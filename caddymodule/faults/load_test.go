package faults

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// load is people who log in and pages that are asked for, on every node, before,
// during and after a fault. What one worker does is a row of single requests, so
// that its ledger is exact: a code that was answered with 201 is never right
// again, and one that was never sent before is right while the database answers.
type load struct {
	x      *experiment
	nodes  []*node
	people []*person
	tokens []string // of sessions that every node knows

	mu      sync.Mutex
	answers []answer
	used    map[*device][]uint64 // counters that were answered with 201
	healed  []int64              // after so many ms, each time
	stop    chan struct{}
	all     sync.WaitGroup
}

// answer is one, by whom, to what.
type answer struct {
	login        bool // else a page
	node, status int
	began, ended time.Time
}

func (a answer) took() time.Duration { return a.ended.Sub(a.began) }

func (a answer) good() bool {
	if a.login { // the same code is sent again when no answer came: it may have been used
		return a.status == http.StatusCreated || a.status == http.StatusUnauthorized
	}
	return a.status == http.StatusOK
}

// press begins a load of so many people; calm ends it.
func (x *experiment) press(people int, nodes ...*node) *load {
	l := &load{x: x, nodes: nodes, used: map[*device][]uint64{}, stop: make(chan struct{})}
	for i := range people {
		p := nodes[0].enrol(fmt.Sprintf("load%d", i), 1)
		l.people, l.tokens = append(l.people, p), append(l.tokens, nodes[0].mustLogin(p))
	}
	for _, n := range nodes {
		for _, token := range l.tokens {
			if status, _ := n.get("/", token); status != http.StatusOK {
				x.t.Fatalf("a new session gets %d", status)
			}
		}
	}
	for i, p := range l.people {
		l.all.Go(func() { l.logins(i, p) })
	}
	for i := range nodes {
		l.all.Go(func() { l.pages(i) })
	}
	return l
}

func (l *load) every(d time.Duration, do func(turn int)) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-l.stop:
			return
		case <-tick.C:
			do(turn)
		}
	}
}

func (l *load) pages(node int) {
	l.every(50*time.Millisecond, func(turn int) {
		began := time.Now()
		status, _ := l.nodes[node].get("/", l.tokens[turn%len(l.tokens)])
		l.note(answer{false, node, status, began, time.Now()})
	})
}

// logins sends each code until it is answered, on another node each time, and now
// and then once more.
func (l *load) logins(first int, p *person) {
	d := p.devices[0]
	counter, sent := d.next.Load(), false
	l.every(250*time.Millisecond, func(turn int) {
		at := (first + turn) % len(l.nodes)
		status := l.login(at, p, d.codeAt(counter))
		switch {
		case status == http.StatusCreated:
			l.x.ack()
			l.mu.Lock()
			l.used[d] = append(l.used[d], counter)
			l.mu.Unlock()
			if turn%8 == 0 {
				if again := l.login((at+1)%len(l.nodes), p, d.codeAt(counter)); again == http.StatusCreated {
					l.x.violate("a used code was accepted again")
				}
			}
		case status == http.StatusUnauthorized && !sent:
			l.x.violate("a code that is right and was never sent before was refused")
		case status == http.StatusUnauthorized: // it was used, though no answer said so
		default:
			sent = true
			return
		}
		counter, sent = d.next.Add(1), false
	})
}

func (l *load) login(node int, p *person, code string) int {
	began := time.Now()
	status, _ := l.nodes[node].login(p, code)
	a := answer{true, node, status, began, time.Now()}
	l.x.took(a.took(), 3*time.Second+scheduling, "a login")
	l.note(a)
	return status
}

// scheduling is what a busy machine may add to an answer.
const scheduling = 500 * time.Millisecond

func (l *load) note(a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers = append(l.answers, a)
}

// between gives the answers that began and ended in a time.
func (l *load) between(from, to time.Time) []answer {
	return l.those(func(a answer) bool { return !a.began.Before(from) && a.ended.Before(to) })
}

func (l *load) those(match func(answer) bool) (found []answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.answers {
		if match(a) {
			found = append(found, a)
		}
	}
	return found
}

// heals waits until every node lets somebody in and nothing went wrong for quiet,
// and holds the last wrong answer against five seconds.
func (l *load) heals(up time.Time, quiet time.Duration) {
	l.x.t.Helper()
	var last time.Time
	l.x.until(20*time.Second, "every node works again", func() bool {
		in := map[int]bool{}
		last = up
		for _, a := range l.those(func(a answer) bool { return a.ended.After(up) }) {
			switch {
			case !a.good() && a.ended.After(last):
				last = a.ended
			case a.login && a.status == http.StatusCreated:
				in[a.node] = true
			}
		}
		return len(in) == len(l.nodes) && time.Since(last) > quiet
	})
	l.x.took(last.Sub(up), 5*time.Second, "the recovery")
	l.healed = append(l.healed, last.Sub(up).Milliseconds())
	l.x.note("healed_after_ms", l.healed)
}

// calm ends the load and looks at the ledger: on every node the codes that were
// used last are refused, and the next one of each device is right.
func (l *load) calm() {
	l.x.t.Helper()
	close(l.stop)
	l.all.Wait()
	for _, p := range l.people {
		d := p.devices[0]
		used := l.used[d]
		for i, counter := range used[max(0, len(used)-3):] {
			if status := l.login(i%len(l.nodes), p, d.codeAt(counter)); status != http.StatusUnauthorized {
				l.x.violate("a used code gets %d", status)
			}
		}
		if status := l.login(0, p, d.codeAt(d.next.Add(1))); status != http.StatusCreated {
			l.x.violate("after it all a right code gets %d", status)
		}
	}
}
