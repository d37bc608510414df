package stomp

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/go-stomp/stomp/v3/frame"
)

// A broker that stands still is seen by its missing heart-beats, and ours keep it.
func TestHeartBeats(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	beats := make(chan struct{}, 1000)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		r := frame.NewReader(c)
		for {
			f, err := r.Read()
			if err != nil {
				return
			}
			if f == nil {
				beats <- struct{}{}
			} else if frame.NewWriter(c).Write(frame.New(frame.CONNECTED, frame.Version, "1.2", frame.HeartBeat, "50,50")) != nil {
				return
			}
		}
	}()
	s := &Stomp{Server: "tcp://" + l.Addr().String()}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	defer cancel()
	if err := s.Provision(ctx); err != nil {
		t.Fatal(err)
	}
	s.beat = 200 * time.Millisecond
	dialling, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	c, err := s.connection(dialling)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the connection stands")
	}
	if !strings.Contains(c.err.Error(), "timeout") || len(beats) == 0 {
		t.Errorf("it ended by %v, after %d heart-beats of ours", c.err, len(beats))
	}
}
