// Package faults puts whole gateways, as processes of their own, into bad
// weather: frozen, killed and lost databases, floods, full disks, other nodes
// that die. Each experiment prints one line of JSON. The long ones need the
// build tag faults: make faults runs them all.
package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// experiment is one of the table in docs/faults.md: what was acknowledged, what
// must not have happened, and the longest answer.
type experiment struct {
	t     testing.TB
	id    string
	began time.Time

	mu         sync.Mutex
	acked      int
	violations []string
	slowest    time.Duration
	more       map[string]any
}

// begin starts the clock; the line of JSON comes when the test ends.
func begin(t testing.TB, id string) *experiment {
	x := &experiment{t: t, id: id, began: time.Now(), more: map[string]any{}}
	t.Cleanup(x.report)
	return x
}

// ack counts something that a gateway acknowledged.
func (x *experiment) ack() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.acked++
}

// violate notes what must not happen. It fails the test.
func (x *experiment) violate(format string, args ...any) {
	x.t.Helper()
	x.t.Errorf(format, args...)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.violations = append(x.violations, fmt.Sprintf(format, args...))
}

// took notes how long an answer took, and how long it may take at most.
func (x *experiment) took(d, limit time.Duration, what string) {
	x.t.Helper()
	if d > limit {
		x.violate("%s took %s, at most %s", what, d.Round(time.Millisecond), limit)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.slowest = max(x.slowest, d)
}

// note adds a measured value to the line.
func (x *experiment) note(name string, value any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.more[name] = value
}

func (x *experiment) report() {
	x.mu.Lock()
	defer x.mu.Unlock()
	line := struct {
		ID         string         `json:"id"`
		Test       string         `json:"test"`
		Seconds    float64        `json:"seconds"`
		Acked      int            `json:"acked"`
		Violations int            `json:"violations"`
		SlowestMS  int64          `json:"slowest_ms"`
		More       map[string]any `json:"more,omitempty"`
	}{x.id, x.t.Name(), time.Since(x.began).Seconds(), x.acked, len(x.violations), x.slowest.Milliseconds(), x.more}
	if x.t.Failed() && line.Violations == 0 {
		line.Violations = 1
	}
	text, err := json.Marshal(line)
	if err != nil {
		x.t.Error(err)
	}
	_, _ = fmt.Fprintf(os.Stdout, "%s\n", text)
}

// until asks again and again, and gives how long it took to become true.
func (x *experiment) until(limit time.Duration, what string, is func() bool) time.Duration {
	x.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for !is() {
		if time.Since(began) > limit {
			x.violate("not within %s: %s", limit, what)
			return limit
		}
		<-tick.C
	}
	return time.Since(began)
}
