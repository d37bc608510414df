package faults

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// weather is what a proxy does with what passes through it.
type weather struct {
	up, down bool          // hold what the node sends, what the database answers
	delay    time.Duration // of each answer
	refuse   bool          // new connections are closed at once
}

// fair lets everything through.
var fair weather

// proxy stands between a node and its database. What it holds back it forwards
// later, as a network does that was away: TCP sends again.
type proxy struct {
	port   int
	target string

	mu      sync.Mutex
	now     weather
	changed chan struct{} // closed when the weather changes
	conns   map[net.Conn]bool
}

func newProxy(t testing.TB, target int) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{
		port: l.Addr().(*net.TCPAddr).Port, target: fmt.Sprintf("127.0.0.1:%d", target),
		changed: make(chan struct{}), conns: map[net.Conn]bool{},
	}
	t.Cleanup(func() { _ = l.Close(); p.set(fair); p.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// through is a DSN that goes through the proxy.
func (p *proxy) through(dsn string) string {
	return strings.Replace(dsn, p.target, fmt.Sprintf("127.0.0.1:%d", p.port), 1)
}

func (p *proxy) set(w weather) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = w
	close(p.changed)
	p.changed = make(chan struct{})
}

// cut ends every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) look() (weather, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now, p.changed
}

func (p *proxy) keep(c net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if delete(p.conns, c); open {
		p.conns[c] = true
	}
}

func (p *proxy) serve(node net.Conn) {
	defer func() { _ = node.Close() }()
	if w, _ := p.look(); w.refuse {
		return
	}
	database, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = database.Close() }()
	p.keep(node, true)
	defer p.keep(node, false)
	done := make(chan struct{}, 2)
	go p.pipe(database, node, done, func(w weather) (bool, time.Duration) { return w.up, 0 })
	go p.pipe(node, database, done, func(w weather) (bool, time.Duration) { return w.down, w.delay })
	<-done // one side is gone: what is on its way goes with it
}

func (p *proxy) pipe(to io.Writer, from io.Reader, done chan<- struct{}, rule func(weather) (bool, time.Duration)) {
	defer func() { done <- struct{}{} }()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		p.await(rule)
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// await returns when the weather lets something through.
func (p *proxy) await(rule func(weather) (hold bool, delay time.Duration)) {
	for {
		w, changed := p.look()
		hold, delay := rule(w)
		if !hold && delay == 0 {
			return
		}
		if hold {
			<-changed
			continue
		}
		timer := time.NewTimer(delay)
		<-timer.C
		return
	}
}
