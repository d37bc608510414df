package postgres

import (
	"context"
	"net"
	"time"

	"github.com/lib/pq"
)

// migrationStep is how long one answer to a migration may take: it may rewrite
// a large table.
const migrationStep = 10 * time.Minute

// dialer makes connections that give up: lib/pq waits for an answer without
// regard to the context, so a frozen server would hold a goroutine for ever.
type dialer struct{ wait time.Duration } // for one read or write; 0: for ever

// connecting is how long a connection may take to stand.
const connecting = 2 * time.Second

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	// A peer that is gone without a word is noticed within 20 seconds.
	keep := net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 5 * time.Second, Count: 3}
	c, err := (&net.Dialer{KeepAliveConfig: keep}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if d.wait == 0 {
		return c, nil
	}
	return &deadlined{c, d.wait}, nil
}

func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d dialer) DialTimeout(network, address string, wait time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// deadlined sets a deadline before each read and write.
type deadlined struct {
	net.Conn
	wait time.Duration
}

func (c *deadlined) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.wait)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *deadlined) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.wait)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

var (
	_ pq.Dialer        = dialer{}
	_ pq.DialerContext = dialer{}
)
