package integration

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// load is requests that go on in the background until stop. What is not as it
// should be is a failure of the test.
type load struct {
	done  chan struct{}
	group sync.WaitGroup
	count map[string]*atomic.Int64
}

func newLoad() *load {
	return &load{done: make(chan struct{}), count: map[string]*atomic.Int64{}}
}

// forever repeats work until stop, or until it fails.
func (l *load) forever(name string, work func() error, t testing.TB) {
	counter := l.count[name]
	if counter == nil {
		counter = new(atomic.Int64)
		l.count[name] = counter
	}
	l.group.Go(func() {
		for {
			select {
			case <-l.done:
				return
			default:
			}
			if err := work(); err != nil {
				t.Errorf("%s, number %d: %v", name, counter.Load(), err)
				return
			}
			counter.Add(1)
		}
	})
}

// stop ends the load and wants each kind to have run at least this often.
func (l *load) stop(t testing.TB, least int64) {
	t.Helper()
	close(l.done)
	l.group.Wait()
	for name, n := range l.count {
		if n.Load() < least {
			t.Errorf("%s ran %d times only: this proves little", name, n.Load())
		}
	}
}

// wantStatus asks with a connection of its own pool, as a client does.
func (d *door) wantStatus(path string, want int, headers ...string) func() error {
	own := *d
	own.client = d.Client("gate")
	return func() error {
		if status, text := own.get(path, headers...); status != want {
			return fmt.Errorf("%s gives %d %s, want %d", path, status, text, want)
		}
		return nil
	}
}

// resources are what a leak would eat.
type resources struct{ goroutines, files int }

func held(t testing.TB) resources {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return resources{runtime.NumGoroutine(), len(files)}
}

// within says whether r is what it was before, or little more.
func (r resources) within(before resources) bool {
	const margin = 8 // idle connections that are just closing
	return r.goroutines <= before.goroutines+margin && r.files <= before.files+margin
}
