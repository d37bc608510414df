package stomp

import (
	"context"
	"strconv"

	"github.com/go-stomp/stomp/v3/frame"
)

// ask adds to f that a receipt is wanted. The channel is closed when it comes; forget must
// be called when nobody waits for it any more.
func (c *conn) ask(f *frame.Frame) (receipt <-chan struct{}, forget func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	id, came := strconv.Itoa(c.asked), make(chan struct{})
	c.receipts[id] = came
	f.Header.Add(frame.Receipt, id)
	return came, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.receipts, id)
	}
}

// receive takes a receipt. One that nobody waits for is late, and means nothing.
func (c *conn) receive(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if came, waits := c.receipts[id]; waits {
		close(came)
		delete(c.receipts, id)
	}
}

// writeReceived writes f and waits until the broker says that it has it.
func (c *conn) writeReceived(ctx context.Context, f *frame.Frame) error {
	receipt, forget := c.ask(f)
	defer forget()
	if err := c.write(ctx, f); err != nil {
		return err
	}
	select {
	case <-receipt:
		return nil
	case <-c.gone:
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
