package faults

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// tap stands between a gateway and its database, and tells when a connection has
// said words, one after the other: so that a process can be stopped at one
// statement and no other.
type tap struct {
	listener net.Listener
	upstream string

	mu    sync.Mutex
	words []string
	when  moment
	act   func() // nil: nothing is awaited
}

// moment says which side of a statement.
type moment int

const (
	asked    moment = iota // the gateway said it, and the database has not heard it
	answered               // the database has answered, and the gateway has not heard that
)

func newTap(t testing.TB, upstream string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{listener: l, upstream: upstream}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(c)
		}
	}()
	return p
}

// at calls act, once, when one connection has said all words in this order. What
// was said or answered is passed on when act returns.
func (p *tap) at(when moment, act func(), words ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.when, p.act, p.words = when, act, words
}

// carry moves bytes both ways until either side ends.
func (p *tap) carry(gateway net.Conn) {
	defer func() { _ = gateway.Close() }()
	database, err := net.Dial("tcp", p.upstream)
	if err != nil {
		return
	}
	defer func() { _ = database.Close() }()
	var said struct {
		sync.Mutex
		words int
		all   bool
	}
	go func() {
		pump(database, gateway, func(text []byte) {
			said.Lock()
			defer said.Unlock()
			said.words, said.all = p.hear(text, said.words)
			if said.all {
				p.fire(asked)
			}
		})
		_ = database.Close()
		_ = gateway.Close()
	}()
	pump(gateway, database, func([]byte) {
		said.Lock()
		defer said.Unlock()
		if said.all {
			p.fire(answered)
		}
	})
}

// hear counts the words that a connection has said so far. A word stands in one
// packet: statements are short, and loopback does not cut them.
func (p *tap) hear(text []byte, said int) (words int, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.act == nil {
		return 0, false
	}
	for said < len(p.words) {
		_, rest, found := bytes.Cut(text, []byte(p.words[said]))
		if !found {
			break
		}
		text, said = rest, said+1
	}
	return said, said == len(p.words)
}

func (p *tap) fire(when moment) {
	p.mu.Lock()
	act := p.act
	if act == nil || when != p.when {
		p.mu.Unlock()
		return
	}
	p.act = nil
	p.mu.Unlock()
	act()
}

// pump copies, and shows what it has before it passes it on.
func pump(to io.Writer, from io.Reader, show func([]byte)) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			show(buffer[:n])
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
