package oidc

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/doorward/doorward/authcore"
)

// kept is what the provider tells, asked for when it is needed, once at a time
// however many wait for it. Whoever goes away does not spoil it for the others.
type kept[T any] struct {
	ask func(context.Context) (T, error)
	now func() time.Time

	mu       sync.Mutex
	value    T
	known    bool
	err      error         // of the last answer
	asking   chan struct{} // closed when the answer is there; nil: nobody asks
	failures int           // in a row
	next     time.Time     // the provider is left alone until then
}

// The rhythm of asking. A token that nobody signed makes us ask for keys: a
// flood of them must be no flood of requests.
const (
	spacing  = 10 * time.Second // after an answer
	firstGap = time.Second      // after none; doubles
	longest  = 30 * time.Second
)

// get gives the value. With anew it is asked for again, unless that was just
// done: then it is what it is. CodeUnavailable when the last answer was none.
func (k *kept[T]) get(ctx context.Context, anew bool) (T, error) {
	k.mu.Lock()
	if k.known && !anew || k.asking == nil && k.now().Before(k.next) {
		defer k.mu.Unlock()
		if k.known && !anew {
			return k.value, nil
		}
		return k.value, k.err
	}
	if k.asking == nil {
		k.asking = make(chan struct{})
		go k.fetch(k.asking)
	}
	asking := k.asking
	k.mu.Unlock()
	select {
	case <-asking:
	case <-ctx.Done():
		return *new(T), authcore.Unavailable(context.Cause(ctx))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.value, k.err
}

func (k *kept[T]) fetch(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	value, err := k.askSafely(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	gap := spacing
	if err == nil {
		k.value, k.known, k.failures = value, true, 0
	} else {
		gap = min(firstGap<<min(k.failures, 5), longest)
		k.failures++
	}
	k.err, k.next, k.asking = err, k.now().Add(gap), nil
	close(done)
}

// askSafely: nobody else would catch a panic here.
func (k *kept[T]) askSafely(ctx context.Context) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = authcore.Unavailable(fmt.Errorf("reading the provider's answer panicked with a %T", p))
		}
	}()
	return k.ask(ctx)
}
