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
	"time"

	"github.com/go-stomp/stomp/v3/frame"

	"github.com/doorward/doorward/caddymodule/reach"
)

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
