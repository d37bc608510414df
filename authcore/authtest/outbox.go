package authtest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// Outbox is a channel that keeps what it was given: codes, and apart from them
// what users are told of, which comes when it comes.
type Outbox struct {
	mu         sync.Mutex
	sent, told []authcore.Message
	more       chan struct{} // closed when told grows
	// Fail, if set, is asked before a code is taken.
	Fail func(context.Context, authcore.Message) error
	// FailTelling, if set before the first change, is asked before a message
	// without a code is taken.
	FailTelling func(context.Context, authcore.Message) error
}

// Reaches everybody.
func (*Outbox) Reaches(authcore.DeviceKind) bool { return true }

// Send takes a message.
func (o *Outbox) Send(ctx context.Context, m authcore.Message) error {
	if m.Code == "" {
		return o.tell(ctx, m)
	}
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

func (o *Outbox) tell(ctx context.Context, m authcore.Message) error {
	if o.FailTelling != nil {
		if err := o.FailTelling(ctx, m); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, m)
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
	return nil
}

// Told waits until n messages without a code were taken, and gives all there are.
func (o *Outbox) Told(t testing.TB, n int) []authcore.Message {
	t.Helper()
	late := time.After(time.Minute)
	for {
		told, more := o.toldSoFar()
		if len(told) >= n {
			return told
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d messages of changes, want %d: %+v", len(told), n, told)
		}
	}
}

func (o *Outbox) toldSoFar() (told []authcore.Message, more <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more == nil {
		o.more = make(chan struct{})
	}
	return slices.Clone(o.told), o.more
}

// Sent is how many codes were taken.
func (o *Outbox) Sent() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.sent)
}

// Last is the youngest message with a code.
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
