package faults

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// FI-16: a gateway without file descriptors refuses, lets nobody in who should
// not be, loses nothing and recovers by itself.
func TestNoDescriptorsLeft(t *testing.T) {
	t.Parallel()
	x := begin(t, "FI-16")
	w := newWorld(t, "sqlite doorward.db")
	n := w.prepare()
	n.wrap = []string{tool(t, "prlimit", "util-linux"), "--nofile=128"}
	n.client.Timeout = 2 * time.Second
	n.run()
	n.awaitReady()
	p := n.enrol("alice", 1)
	token := n.mustLogin(p)
	stranger := &person{name: "nobody", password: "none"}
	n.client.CloseIdleConnections()

	idle := make([]net.Conn, 0, 200)
	for range cap(idle) { // the listener's queue takes what the gateway does not
		if c, err := net.DialTimeout("tcp", n.url[len("http://"):], time.Second); err == nil {
			idle = append(idle, c)
		}
	}
	var passed, refused, unanswered, wrong, logins atomic.Int64
	var all sync.WaitGroup
	round := func(number int) {
		status, body := 0, ""
		switch number % 4 {
		case 0:
			status, body = n.get("/", "")
			if status == http.StatusOK {
				wrong.Add(1)
			}
		case 1:
			status, body = n.get("/", "eyJ.no.token")
			if status == http.StatusOK {
				wrong.Add(1)
			}
		case 2:
			if status, body = n.get("/", token); status == http.StatusOK {
				passed.Add(1)
				if body != `user "alice"` {
					wrong.Add(1)
				}
			}
		case 3:
			if status, _ = n.login(stranger, "123456"); status == http.StatusCreated {
				wrong.Add(1)
			}
			logins.Add(1)
		}
		switch {
		case status == 0:
			unanswered.Add(1)
		case status == http.StatusUnauthorized, status >= 500:
			refused.Add(1)
		case status != http.StatusOK:
			x.violate("a request gives %d %s", status, body)
		}
	}
	began := time.Now()
	for i := range 500 {
		all.Go(func() { round(i) })
		if i == 250 { // the second half meets a gateway that has room for some
			for _, c := range idle[:150] {
				_ = c.Close()
			}
		}
	}
	all.Wait()
	if wrong.Load() != 0 {
		x.violate("%d requests got what they must not get", wrong.Load())
	}
	for _, c := range idle {
		_ = c.Close()
	}
	n.client.CloseIdleConnections()
	healed := x.until(5*time.Second, "it recovers", func() bool {
		status, _ := n.get("/", token)
		return status == http.StatusOK && n.ready()
	})
	if status, _ := n.login(p, p.devices[0].code()); status != http.StatusCreated {
		x.violate("a login gives %d after it", status)
	}
	x.note("clients_s", fmt.Sprintf("%.1f", time.Since(began).Seconds()))
	x.note("passed", passed.Load())
	x.note("refused", refused.Load())
	x.note("unanswered", unanswered.Load())
	x.note("healed_ms", healed.Milliseconds())
	x.note("files", n.files())
}
