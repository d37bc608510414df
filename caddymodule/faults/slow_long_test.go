//go:build faults

package faults

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// FI-12: a thousand slow clients of each kind, made by slowhttptest; beside them
// a few of our own, which look when they are cut off.
func TestSlowhttptest(t *testing.T) {
	x := begin(t, "FI-12")
	program := tool(t, "slowhttptest", "slowhttptest")
	w := newWorld(t, "sqlite doorward.db")
	talkative(w)
	n := w.prepare()
	n.env = []string{"GOMEMLIMIT=200MiB"}
	n.run()
	n.awaitReady()
	p := n.enrol("alice", 1)
	token := n.mustLogin(p)
	login := n.url + "/api/2.0/authentication/123456"
	for range 400 {
		n.socket(t, token)
	}
	h := startHealthy(n, token)
	cut := startCutting(x, n)
	for _, attack := range [][]string{
		{"-H", "-c", "1000", "-r", "400", "-i", "5", "-x", "24", "-u", n.url + "/"},
		{"-H", "-c", "400", "-r", "400", "-i", "5", "-x", "24", "-t", "POST", "-u", login},
		{"-B", "-c", "1000", "-r", "400", "-i", "2", "-s", "8000", "-f", "application/json", "-u", login},
		{"-B", "-c", "400", "-r", "400", "-i", "2", "-s", "8000", "-u", n.url + "/open/x"},
		{"-X", "-c", "1000", "-r", "400", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3", "-u", n.url + "/open/x"},
	} {
		out, err := exec.Command(program, append(attack, "-l", "15", "-p", "3", "-v", "1")...).CombinedOutput()
		if err != nil {
			t.Fatalf("slowhttptest %s: %v\n%s", strings.Join(attack, " "), err, out)
		}
		if strings.Contains(string(out), "service available:   NO") || strings.Contains(string(out), "Service available:   NO") {
			x.violate("slowhttptest %s found the gateway away:\n%s", strings.Join(attack, " "), out)
		}
		x.note(fmt.Sprint("files", attack[0], " ", attack[2]), n.files())
	}
	cut.wait(x)
	if !h.wasQuick(x) {
		x.violate("healthy requests were slow: see healthy_p99_ms")
	}
	n.mustLogin(p)
	if peak := n.peak(); peak >= memory {
		x.violate("the gateway took %d MiB", peak)
	}
	x.note("peak_mib", n.peak())
}

// cutting waits for the end of connections that send too slowly.
type cutting struct {
	all     sync.WaitGroup
	mu      sync.Mutex
	slowest map[string]time.Duration
}

func startCutting(x *experiment, n *node) *cutting {
	c := &cutting{slowest: map[string]time.Duration{}}
	for _, kind := range slowSenders() {
		for range 10 {
			began := time.Now()
			conn := n.hang(x.t, kind.head)
			c.all.Go(func() {
				trickle(conn, began.Add(kind.limit+20*time.Second))
				c.mu.Lock()
				defer c.mu.Unlock()
				took := time.Since(began)
				c.slowest[kind.name] = max(c.slowest[kind.name], took)
				if took > kind.limit {
					x.violate("%s were not cut off within %s", kind.name, kind.limit)
				}
			})
		}
	}
	return c
}

// trickle sends a byte a second until the other side ends it.
func trickle(conn net.Conn, until time.Time) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = conn.SetReadDeadline(until)
		_, _ = io.Copy(io.Discard, conn)
	}()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			_, _ = conn.Write([]byte("a"))
		}
	}
}

func (c *cutting) wait(x *experiment) {
	c.all.Wait()
	for name, took := range c.slowest {
		x.note("cut_ms: "+name, took.Milliseconds())
	}
}
