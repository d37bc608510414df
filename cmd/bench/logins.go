//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/storagetest"
)

// crowd is how many people there are in each store; parallels how many of them
// log in at once.
const crowd = 64

var parallels = []int{1, 8, 64}

// statements is what one login asks of the database.
type statements struct{ statements, transactions int64 }

func countLogin(ctx context.Context, d database) (s statements, err error) {
	faults := &storagetest.Faults{}
	h, err := openHouse(ctx, d, faults.Wrap)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, h.store.Close()) }()
	people, err := h.settle(ctx, 1)
	if err != nil {
		return s, err
	}
	// The second of each, when rows that every login needs are there.
	count := func(login func() error) (s statements, err error) {
		for range 2 {
			if err == nil {
				faults.Reset()
				err = login()
			}
		}
		return statements{faults.Count(), faults.Begins()}, err
	}
	whole, err := count(func() error { return people[0].login(ctx, h.core) })
	if err != nil {
		return s, err
	}
	hashless, err := count(func() error { return people[0].hashless(ctx, h) })
	if err == nil && whole != hashless {
		err = fmt.Errorf("a login makes %v, the one without a hash %v: people.go must follow authcore/logins.go", whole, hashless)
	}
	return whole, err
}

// parallelLogins is how many logins a second n people make at once.
type parallelLogins struct {
	people   int
	hashless float64
	whole    float64 // with the hash
	refused  float64 // of those, a second: the queue for hashes was full
}

func (h *house) inParallel(ctx context.Context, n int, length time.Duration) (p parallelLogins, err error) {
	p.people = n
	if p.hashless, _, err = h.repeat(ctx, n, length, func(who *person) error { return who.hashless(ctx, h) }); err != nil {
		return p, err
	}
	p.whole, p.refused, err = h.repeat(ctx, n, length, func(who *person) error { return who.login(ctx, h.core) })
	return p, err
}

// repeat lets n people log in again and again, and gives how often they did,
// and were asked to come again, in a second. Who is asked to wait does.
func (h *house) repeat(ctx context.Context, n int, length time.Duration, login func(*person) error) (done, refused float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var dones, refusals atomic.Int64
	failures := make([]error, n)
	var all sync.WaitGroup
	begun := time.Now()
	for i, who := range h.people[:n] {
		all.Go(func() {
			for ctx.Err() == nil {
				err := login(who)
				var e *authcore.Error
				switch {
				case err == nil:
					dones.Add(1)
				case errors.As(err, &e) && e.RetryAfter > 0:
					refusals.Add(1)
					select {
					case <-time.After(e.RetryAfter):
					case <-ctx.Done():
					}
				default:
					failures[i] = err
					return
				}
			}
		})
	}
	all.Wait()
	seconds := time.Since(begun).Seconds()
	return float64(dones.Load()) / seconds, float64(refusals.Load()) / seconds, errors.Join(failures...)
}

// batch is the median of so many logins without the hash, one after the other.
func (h *house) batch(ctx context.Context, logins int) (float64, error) {
	var milliseconds []float64
	for i := range logins {
		begun := time.Now()
		if err := h.people[i%len(h.people)].hashless(ctx, h); err != nil {
			return 0, err
		}
		milliseconds = append(milliseconds, time.Since(begun).Seconds()*1e3)
	}
	return median(milliseconds), nil
}
