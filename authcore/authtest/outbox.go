package authtest

import (
	"context"
	"sync"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Outbox is a channel that keeps what it was given.
type Outbox struct {
	mu   sync.Mutex
	sent []authcore.Message
	// Fail, if set, is asked before a message is taken.
	Fail func(context.Context, authcore.Message) error
}

// Reaches everybody.
func (*Outbox) Reaches(authcore.DeviceKind) bool { return true }

// Send takes a message.
func (o *Outbox) Send(ctx context.Context, m authcore.Message) error {
	if o.Fail != nil {
		if err := o.Fail(ctx, m); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, m)
	return nil
}

// Sent is how many messages were taken.
func (o *Outbox) Sent() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.sent)
}

// Last is the youngest message.
func (o *Outbox) Last(t testing.TB) authcore.Message {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	return o.sent[len(o.sent)-1]
}

var _ authcore.Channel = (*Outbox)(nil)
