package faults

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// frozenAt is where in a login a node is stopped.
type frozenAt struct {
	name  string
	when  moment
	words []string
}

// consumed holds the lock of the device's row, and has the code.
var consumed = frozenAt{"code_consumed", answered, []string{"UPDATE devices SET last_counter"}}

// FI-23: a node that is frozen in the middle of a login blocks nobody, and when
// it goes on it issues nothing that timed out.
func TestFrozenNode(t *testing.T) {
	x := begin(t, "FI-23")
	newIce(t).freeze(x, consumed, 5*time.Second)
}

// ice is a node that is stopped, at another node's side.
type ice struct {
	tap      *tap
	frozen   *node
	other    *node
	suffered int
}

func newIce(t *testing.T) *ice {
	cluster := postgrestest.Start(t)
	w := newWorld(t, "postgres "+cluster.Database(t))
	p := newTap(t, fmt.Sprintf("127.0.0.1:%d", cluster.Port))
	behind := newWorld(t, strings.Replace(w.store, fmt.Sprintf("127.0.0.1:%d", cluster.Port), p.listener.Addr().String(), 1))
	behind.key = w.key
	i := &ice{tap: p, frozen: behind.start(), other: w.start()}
	i.frozen.client.Timeout = 2 * time.Minute
	return i
}

// freeze stops the node at one statement of a login, and lets the other node log
// the same user in, by the same code first.
func (i *ice) freeze(x *experiment, at frozenAt, long time.Duration) {
	i.suffered++
	p := i.frozen.enrol(fmt.Sprintf("user%d", i.suffered), 1)
	code := p.devices[0].code()
	stopped, thawed := make(chan struct{}), make(chan struct{})
	i.tap.at(at.when, func() { i.frozen.signal(syscall.SIGSTOP); close(stopped); <-thawed }, at.words...)
	type answer struct {
		status int
		token  string
	}
	late := make(chan answer, 1)
	go func() {
		status, token := i.frozen.login(p, code)
		late <- answer{status, token}
	}()
	select {
	case <-stopped:
	case <-time.After(20 * time.Second):
		x.t.Fatalf("%s: the login never came to this point", at.name)
	}
	began := time.Now()
	won, withSame, firstAfter := 0, 0, time.Duration(0)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for same := true; time.Since(began) < long; <-tick.C {
		asked := time.Now()
		status, _ := i.other.login(p, code)
		x.took(time.Since(asked), 3*time.Second, at.name+": a login at the other node")
		switch {
		case status == http.StatusCreated:
			won++
			x.ack()
			if same {
				withSame++
			}
			if firstAfter == 0 {
				firstAfter = time.Since(began)
			}
			same, code = false, p.devices[0].code()
		case status == http.StatusUnauthorized && same: // the frozen node has used it
			same, code = false, p.devices[0].code()
		case status == http.StatusServiceUnavailable && time.Since(began) < 4*time.Second:
		default:
			x.violate("%s: the other node gives %d, %s after the freeze", at.name, status, time.Since(began))
		}
	}
	// The server ends an idle transaction after 1.5 s; what waited for it may
	// take one more wait.
	x.took(firstAfter, 3*time.Second, at.name+": the first login at the other node")
	if firstAfter == 0 {
		x.violate("%s: nobody could log in at the other node", at.name)
	}
	i.frozen.signal(syscall.SIGCONT)
	close(thawed)
	got := <-late
	x.note(at.name, fmt.Sprintf("first login after %d ms; thawed, it answers %d", firstAfter.Milliseconds(), got.status))
	made := i.other.sessions(p)
	if got.status == http.StatusCreated {
		if withSame > 0 {
			x.violate("%s: a code won at both nodes", at.name)
		}
		if i.other.count(`SELECT count(*) FROM sessions WHERE id = $1`, sid(x.t, got.token)) != 1 {
			x.violate("%s: a token of a session that was never stored", at.name)
		}
	}
	// Of the code that the frozen login used there is one session at most.
	if committed := made - won; committed < 0 || committed+withSame > 1 || got.status == http.StatusCreated && committed != 1 {
		x.violate("%s: %d sessions, %d of them acknowledged by the other node, %d by the frozen one's code", at.name, made, won, withSame)
	}
	x.until(5*time.Second, at.name+": the thawed node is ready", i.frozen.ready)
	x.until(5*time.Second, at.name+": the thawed node logs in", func() bool {
		status, _ := i.frozen.login(p, p.devices[0].code())
		return status == http.StatusCreated
	})
}
