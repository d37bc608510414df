package stomp

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/go-stomp/stomp/v3/frame"
)

// While somebody else writes for too long, an answer can't be acknowledged: the connection
// ends with it, and the one after it has the only subscription.
func TestUnacknowledgedEndsTheConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	const deadline = 10 * time.Second
	again := make(chan int64, 10) // subscriptions of each connection, at each of them
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go bring(c, again)
		}
	}()
	s := &Stomp{Server: "tcp://" + l.Addr().String(), Timeout: caddy.Duration(minTimeout)}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	defer cancel()
	if err := s.Provision(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Cleanup() }()
	dialling, stop := context.WithTimeout(t.Context(), deadline)
	defer stop()
	first, err := s.connection(dialling)
	if err != nil {
		t.Fatal(err)
	}
	var taken atomic.Int64
	listening, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Listen(listening, func(context.Context, string) error {
			if taken.Add(1) == 1 {
				first.writing <- struct{}{} // and never lets go
			}
			return nil
		})
	}()
	defer func() { end(); <-done }()
	for range 2 {
		select {
		case n := <-again:
			if n != 1 {
				t.Fatalf("subscription %d of one connection", n)
			}
		case <-time.After(deadline):
			t.Fatal("nobody subscribes")
		}
	}
	select {
	case <-first.gone:
		if !errors.Is(first.err, errUnacknowledged) {
			t.Errorf("it ended by %v", first.err)
		}
	default:
		t.Error("the connection stands")
	}
}

// bring greets, and brings an answer for each subscription.
func bring(c net.Conn, subscribed chan<- int64) {
	defer func() { _ = c.Close() }()
	r, w := frame.NewReader(c), frame.NewWriter(c)
	for n := int64(0); ; {
		f, err := r.Read()
		if err != nil {
			return
		}
		switch {
		case f == nil: // a heart-beat
		case f.Command == frame.CONNECT:
			err = w.Write(frame.New(frame.CONNECTED, frame.Version, "1.2"))
		case f.Command == frame.SUBSCRIBE:
			n++
			subscribed <- n
			m := frame.New(frame.MESSAGE, frame.MessageId, "1", frame.Subscription, "answers", frame.Destination, "/queue/a", frame.Ack, "1")
			m.Body = []byte("eyJ")
			err = w.Write(m)
		}
		if err != nil {
			return
		}
	}
}
