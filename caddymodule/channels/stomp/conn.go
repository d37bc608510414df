package stomp

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/go-stomp/stomp/v3/frame"

	"github.com/doorward/doorward/caddymodule/reach"
)

// prefetch is how many answers the broker hands over before the first is acknowledged.
const prefetch = 16

// conn is one connection. The library's own can't be left before a receipt has come, and a
// late one blocks it for good: only its frames are used.
type conn struct {
	net.Conn
	reader   *bufio.Reader
	writer   *frame.Writer
	writing  chan struct{} // held by who writes
	messages chan message
	silence  time.Duration // how long the broker may say nothing; 0: for ever

	mu       sync.Mutex
	receipts map[string]chan struct{}
	asked    int
	once     sync.Once
	gone     chan struct{}
	err      error // why, when gone is closed
}

// dial connects and logs in, before ctx ends.
func (s *Stomp) dial(ctx context.Context) (*conn, error) {
	var raw net.Conn
	var err error
	if s.scheme == "tls" {
		config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.serverName, RootCAs: s.roots}
		raw, err = (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", s.address)
	} else { // whatever the name leads to, it is this machine
		raw, err = reach.Dialer(netip.Addr.IsLoopback).DialContext(ctx, "tcp", s.address)
	}
	if err != nil {
		return nil, fmt.Errorf("broker %s: %w", s.address, err)
	}
	c := &conn{
		Conn: raw, writing: make(chan struct{}, 1), messages: make(chan message, prefetch),
		receipts: map[string]chan struct{}{}, gone: make(chan struct{}),
	}
	c.reader, c.writer = bufio.NewReader(c), frame.NewWriter(raw)
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() }) // also when ctx has no deadline
	beat, err := s.greet(ctx, c)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("broker %s: %w", s.address, err)
	}
	go c.read()
	if beat > 0 {
		go c.beat(beat)
	}
	return c, nil
}

// greet logs in, and gives the time between two heart-beats of ours.
func (s *Stomp) greet(ctx context.Context, c *conn) (time.Duration, error) {
	beat := strconv.FormatInt(s.beat.Milliseconds(), 10)
	hello := frame.New(frame.CONNECT, frame.AcceptVersion, "1.2", frame.Host, s.host, frame.HeartBeat, beat+","+beat)
	if s.login != "" {
		hello.Header.Add(frame.Login, s.login)
		hello.Header.Add(frame.Passcode, s.passcode)
	}
	if err := c.write(ctx, hello); err != nil {
		return 0, err
	}
	m, err := readFrame(c.reader)
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, errors.New("it took too long")
	case err != nil:
		return 0, fmt.Errorf("it does not greet: %w", err)
	case m.Command == frame.ERROR: // its words are not ours to show
		return 0, errors.New("it refuses the connection: its login, its passcode or the virtual host are wrong")
	case m.Command != frame.CONNECTED || m.Header.Get(frame.Version) != "1.2":
		return 0, errors.New("it does not speak STOMP 1.2")
	}
	text, beats := m.Header.Contains(frame.HeartBeat)
	if !beats {
		return 0, nil
	}
	theirs, ours, err := frame.ParseHeartBeat(text)
	if err != nil {
		return 0, errFrame
	}
	if theirs > 0 {
		c.silence = 2 * max(theirs, s.beat)
	}
	if ours > 0 {
		ours = max(ours, s.beat)
	}
	return ours, nil
}

// Read ends a connection whose other side has gone without a word.
func (c *conn) Read(p []byte) (int, error) {
	if c.silence > 0 {
		if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

// read hands on what comes, until the connection ends.
func (c *conn) read() {
	for {
		m, err := readFrame(c.reader)
		if err != nil {
			c.end(err)
			return
		}
		switch m.Command {
		case frame.RECEIPT:
			c.receive(m.Header.Get(frame.ReceiptId))
		case frame.MESSAGE:
			select {
			case c.messages <- m:
			case <-c.gone:
				return
			}
		case frame.ERROR: // its words are not ours to show
			c.end(errors.New("the broker ended the connection with an error: its log says which"))
			return
		}
	}
}

func (c *conn) beat(every time.Duration) {
	ticker := time.NewTicker(every / 2)
	defer ticker.Stop()
	for {
		select {
		case <-c.gone:
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), every)
		_ = c.write(ctx, nil) // ends the connection by itself
		cancel()
	}
}

// write writes f, or a heart-beat, before ctx ends. A frame that was begun and not ended
// ends the connection; one that comes too late is not begun.
func (c *conn) write(ctx context.Context, f *frame.Frame) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return ctx.Err()
	case <-c.gone:
		return c.err
	}
	deadline, _ := ctx.Deadline() // none: never
	err := c.SetWriteDeadline(deadline)
	if err == nil {
		err = c.writer.Write(f)
	}
	if err != nil {
		c.end(err)
		return c.err // there may have been one before
	}
	return nil
}

// end ends the connection, for one reason.
func (c *conn) end(err error) {
	c.once.Do(func() {
		c.err = err
		close(c.gone)
		_ = c.Close()
	})
}
