package authtest

import (
	"context"
	"sync"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Asker is a channel that keeps what devices are asked, and answers for them if it is told
// how. What is sent by it goes into the Outbox.
type Asker struct {
	Outbox
	mu    sync.Mutex
	asked []authcore.Question
	// Answer, if set, is what the device says at once.
	Answer func(context.Context, authcore.Question) (string, error)
	// Refuse, if set, says what is wrong with an address.
	Refuse func(address string) error
}

// CheckAddress takes what Refuse does not.
func (a *Asker) CheckAddress(address string) error {
	if a.Refuse == nil {
		return nil
	}
	return a.Refuse(address)
}

// Ask takes a question.
func (a *Asker) Ask(ctx context.Context, q authcore.Question) (string, error) {
	a.mu.Lock()
	a.asked = append(a.asked, q)
	a.mu.Unlock()
	if a.Answer == nil {
		return "", nil
	}
	return a.Answer(ctx, q)
}

// Asked is how many questions were taken.
func (a *Asker) Asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.asked)
}

// Question is the youngest one.
func (a *Asker) Question(t testing.TB) authcore.Question {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.asked) == 0 {
		t.Fatal("nothing was asked")
	}
	return a.asked[len(a.asked)-1]
}

var _ authcore.Asker = (*Asker)(nil)
