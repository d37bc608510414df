package faults

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// grace is the grace_period of the Caddyfile of a node.
const grace = 5 * time.Second

// FI-19: a gateway that is told to stop answers what it has begun, brings the
// log into the database, and starts again clean. SIGHUP changes nothing; a
// second SIGTERM is not waited for twice.
func TestStopUnderLoad(t *testing.T) {
	for _, c := range []struct {
		name    string
		signals []syscall.Signal
	}{
		{"SIGTERM", []syscall.Signal{syscall.SIGTERM}},
		{"SIGTERM twice", []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}},
		{"SIGHUP, then SIGINT", []syscall.Signal{syscall.SIGHUP, syscall.SIGINT}},
	} {
		t.Run(c.name, func(t *testing.T) { t.Parallel(); stopUnderLoad(t, c.signals...) })
	}
}

func stopUnderLoad(t *testing.T, signals ...syscall.Signal) {
	x := begin(t, "FI-19")
	w := newWorld(t, "sqlite doorward.db")
	begun := slowApp(w, 1500*time.Millisecond)
	n := w.start()
	p := n.enrol("alice", 1)
	token := n.mustLogin(p)
	acked := []string{sessionOf(token)}
	var mu sync.Mutex
	var odd atomic.Int64
	var gone atomic.Bool // then a code more would be one that the device skipped
	logins := atRate(20, 1, func(int) {
		if gone.Load() {
			return
		}
		status, token := n.login(p, p.devices[0].code())
		mu.Lock()
		defer mu.Unlock()
		if status == http.StatusCreated {
			x.ack()
			acked = append(acked, sessionOf(token))
			return
		}
		gone.Store(true)
		if status != 0 && status != http.StatusServiceUnavailable {
			odd.Add(1)
		}
	})
	requests := atRate(100, 20, func(int) {
		if status, _ := n.get("/open/x", ""); status != http.StatusOK && status != 0 {
			odd.Add(1)
		}
	})
	const slow = 20
	var flying sync.WaitGroup
	var whole atomic.Int64
	for range slow {
		flying.Go(func() {
			if status, body := n.get("/slow", token); status == http.StatusOK && strings.HasSuffix(body, "the end") {
				whole.Add(1)
			}
		})
	}
	x.until(5*time.Second, "the slow requests have begun", func() bool { return begun.Load() == slow })
	x.until(5*time.Second, "logins go on", func() bool { mu.Lock(); defer mu.Unlock(); return len(acked) > 2 })

	told := time.Now()
	for i, s := range signals {
		n.signal(s)
		if s == syscall.SIGHUP {
			x.until(2*time.Second, "SIGHUP is ignored", n.ready)
		} else if i == 0 {
			pass(50 * time.Millisecond) // it has begun to stop
		}
	}
	select {
	case <-n.ended:
	case <-time.After(2 * grace):
		x.violate("the gateway does not stop")
		n.kill()
	}
	x.took(time.Since(told), grace+time.Second, "the stop")
	flying.Wait()
	logins.stop()
	requests.stop()
	if whole.Load() != slow || odd.Load() != 0 {
		x.violate("%d of %d requests in flight were answered, %d other answers were odd", whole.Load(), slow, odd.Load())
	}
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		x.violate("the exit code is %d", code)
	}
	if info, err := os.Stat(n.database() + "-wal"); err == nil && info.Size() > 0 {
		x.violate("a log of %d bytes is left", info.Size())
	}
	restartedClean(x, n, p, acked)
}

// restartedClean wants a start without a complaint, and every session that was
// acknowledged.
func restartedClean(x *experiment, n *node, p *person, acked []string) {
	x.t.Helper()
	n.log = new(buffer)
	began := time.Now()
	n.run()
	n.awaitReady()
	x.note("start_ms", time.Since(began).Milliseconds())
	if log := n.log.String(); strings.Contains(log, `"level":"error"`) {
		x.violate("the next start complains: %s", log)
	}
	if s := look(x, copyOf(x.t, n.database(), x.t.TempDir())); !containsAll(s.sessions, acked) {
		x.violate("%d sessions are there (%v, %s), of %d acknowledged", len(s.sessions), s.refusal, s.wrong, len(acked))
	}
	n.client.CloseIdleConnections()
	n.mustLogin(p) // within the look-ahead
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}

// slowApp makes the app answer /slow in two halves, with a pause between them. It
// gives how many such requests have begun.
func slowApp(w *world, pause time.Duration) (begun *atomic.Int64) {
	begun = new(atomic.Int64)
	quick := w.app.Config.Handler
	w.app.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/slow" {
			quick.ServeHTTP(out, r)
			return
		}
		begun.Add(1)
		_, _ = fmt.Fprint(out, "the beginning, ")
		_ = http.NewResponseController(out).Flush()
		pass(pause)
		_, _ = fmt.Fprint(out, "the end")
	})
	return begun
}
