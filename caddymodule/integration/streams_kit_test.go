package integration

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// streaming is an app that echoes WebSocket messages at /ws, and sends a line
// every few milliseconds at /sse, as long as somebody listens.
func streaming(t testing.TB) *backend {
	return newBackend(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ws":
			echo(w, r)
		case "/sse":
			tell(w, r)
		default:
			_, _ = io.WriteString(w, "ok")
		}
	})
}

func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = c.CloseNow() }()
	for {
		kind, text, err := c.Read(r.Context())
		if err != nil || c.Write(r.Context(), kind, text) != nil {
			return
		}
	}
}

func tell(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := io.WriteString(w, "data: tick\n\n"); err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// socket is an open WebSocket through the gate.
type socket struct {
	conn *websocket.Conn
	t    testing.TB
}

func (d *door) socket(token string) socket {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://gate/ws", &websocket.DialOptions{ //nolint:bodyclose // the connection owns it
		HTTPClient: d.client, HTTPHeader: http.Header{"Authorization": {token}},
	})
	if err != nil {
		d.t.Fatalf("the WebSocket does not open: %v", err)
	}
	d.t.Cleanup(func() { _ = c.CloseNow() })
	return socket{c, d.t}
}

// echoes sends a message and wants it back.
func (s socket) echoes(text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Second)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		s.t.Errorf("the WebSocket takes nothing any more: %v", err)
		return
	}
	if _, got, err := s.conn.Read(ctx); err != nil || string(got) != text {
		s.t.Errorf("the WebSocket echoes %q %v, want %q", got, err, text)
	}
}

// ends wants the server to end it within a second.
func (s socket) ends(what string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
	defer cancel()
	if _, _, err := s.conn.Read(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
		s.t.Errorf("%s: the WebSocket is open after a second (%v)", what, err)
	}
}

// feed is an open event stream through the gate.
type feed struct {
	lines *bufio.Scanner
	t     testing.TB
}

func (d *door) feed(token string) feed {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, "http://gate/sse", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", token)
	resp, err := d.client.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		d.t.Fatalf("the stream does not open: %v", err)
	}
	d.t.Cleanup(func() { _ = resp.Body.Close() })
	return feed{bufio.NewScanner(resp.Body), d.t}
}

// flows wants n lines more.
func (f feed) flows(n int) {
	f.t.Helper()
	for range n {
		if !f.lines.Scan() {
			f.t.Errorf("the stream ended: %v", f.lines.Err())
			return
		}
	}
}

// ends wants the server to end it within a second.
func (f feed) ends(what string) {
	f.t.Helper()
	over := make(chan struct{})
	go func() {
		defer close(over)
		for f.lines.Scan() { // until it breaks off
		}
	}()
	select {
	case <-over:
	case <-time.After(time.Second):
		f.t.Errorf("%s: the stream flows after a second", what)
	}
}
