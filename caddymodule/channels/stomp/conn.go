package stomp

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/go-stomp/stomp/v3/frame"
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
