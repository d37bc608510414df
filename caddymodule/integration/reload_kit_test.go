package integration

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
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

// wantStatus asks with a connection of its own pool. Stock Caddy, without
// Doorward, closes some kept connections at a reload before they are answered:
// a client asks again then, as browsers do, and so does this one.
func (d *door) wantStatus(path string, want int, headers ...string) func() error {
	client := d.Client("gate")
	return func() error {
		req, err := http.NewRequest(http.MethodGet, "http://gate"+path, nil)
		if err != nil {
			return err
		}
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Add(headers[i], headers[i+1])
		}
		resp, err := client.Do(req)
		for tries := 0; err != nil && tries < 5; tries++ {
			resp, err = client.Do(req)
		}
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != want {
			return fmt.Errorf("%s gives %d %s %v, want %d", path, resp.StatusCode, text, err, want)
		}
		return nil
	}
}

// hasty is the same gateway, asked with a new connection each time.
func (d *door) hasty() *door {
	other := *d
	other.client = d.Client("gate")
	other.client.Transport.(*http.Transport).DisableKeepAlives = true
	return &other
}

// tryLogin is a login that may remain without an answer.
func (d *door) tryLogin(code string) (status int, err error) {
	body := fmt.Sprintf(`{"userName":%q,"password":%q}`, d.name, d.password)
	resp, err := d.client.Post("http://gate/api/2.0/authentication/"+code, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
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
