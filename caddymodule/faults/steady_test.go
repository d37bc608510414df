package faults

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// steady asks at a fixed rate, whatever the answers do: a client that waits for
// a slow answer before it asks again would hide how slow it was. What is beyond
// the limit in flight is counted as dropped.
type steady struct {
	mu      sync.Mutex
	took    []time.Duration
	dropped atomic.Int64
	flying  chan struct{}
	done    chan struct{}
	group   sync.WaitGroup
}

// atRate calls work so many times a second, with its number, until stop.
func atRate(perSecond, inFlight int, work func(number int)) *steady {
	s := &steady{done: make(chan struct{}), flying: make(chan struct{}, inFlight)}
	s.group.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		began, number := time.Now(), 0
		for {
			select {
			case <-s.done:
				return
			case <-tick.C:
			}
			for due := int(time.Since(began).Seconds() * float64(perSecond)); number < due; number++ {
				s.launch(number, work)
			}
		}
	})
	return s
}

func (s *steady) launch(number int, work func(int)) {
	select {
	case s.flying <- struct{}{}:
	default:
		s.dropped.Add(1)
		return
	}
	s.group.Go(func() {
		began := time.Now()
		work(number)
		d := time.Since(began)
		<-s.flying
		s.mu.Lock()
		defer s.mu.Unlock()
		s.took = append(s.took, d)
	})
}

// stop ends it and waits for every answer.
func (s *steady) stop() *steady {
	close(s.done)
	s.group.Wait()
	return s
}

// asked is how many answers came.
func (s *steady) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.took)
}

// percentile of the times that answers took.
func (s *steady) percentile(p float64) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.took))
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*p/100))]
}

// pass lets time go by while something else runs.
func pass(d time.Duration) { <-time.After(d) }
