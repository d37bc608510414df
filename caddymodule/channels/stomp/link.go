package stomp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-stomp/stomp/v3/frame"
)

const (
	firstPause = 250 * time.Millisecond
	longPause  = 5 * time.Second
)

// link is the one connection that is kept. Whoever holds turn may look at the rest.
type link struct {
	turn     chan struct{}
	conn     *conn
	failures int
	again    time.Time // not before
	why      error     // of the last failure
	closed   bool
}

var errClosed = errors.New("the configuration that the channel is of has ended")

// hold waits for its turn.
func (l *link) hold(ctx context.Context) (release func(), err error) {
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// connection gives the one that stands, or makes it. While the broker is away it is not
// asked by each login: between two tries, the last failure is told.
func (s *Stomp) connection(ctx context.Context) (*conn, error) {
	l := &s.link
	release, err := l.hold(ctx)
	if err != nil {
		return nil, errors.New("the broker is being connected to, and it takes too long")
	}
	defer release()
	if l.closed {
		return nil, errClosed
	}
	if l.conn != nil {
		select {
		case <-l.conn.gone:
			l.conn = nil
		default:
			return l.conn, nil
		}
	}
	if time.Now().Before(l.again) {
		return nil, fmt.Errorf("not tried again yet: %w", l.why)
	}
	conn, err := s.dial(ctx)
	if err != nil {
		l.failed(err)
		return nil, err
	}
	l.conn = conn
	return conn, nil
}

// failed makes the next pause longer.
func (l *link) failed(err error) {
	l.why = err
	l.again = time.Now().Add(min(firstPause<<min(l.failures, 10), longPause))
	l.failures++
}

// lost is told by the listener: what it could not subscribe to is not tried at once again.
func (l *link) lost(err error) {
	l.turn <- struct{}{}
	l.failed(err)
	<-l.turn
}

// stands is told by the listener when the broker has taken the subscription.
func (l *link) stands() {
	l.turn <- struct{}{}
	l.failures, l.again = 0, time.Time{}
	<-l.turn
}

// Cleanup ends the connection. What was not acknowledged comes again, to the next
// configuration.
func (s *Stomp) Cleanup() error {
	if s.link.turn == nil { // it was never provisioned
		return nil
	}
	s.link.turn <- struct{}{}
	defer func() { <-s.link.turn }()
	s.link.closed = true
	if c := s.link.conn; c != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = c.write(ctx, frame.New(frame.DISCONNECT)) // a courtesy: it is closed in any case
		c.end(errClosed)
	}
	return nil
}
