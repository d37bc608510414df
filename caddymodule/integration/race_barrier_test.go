package integration

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/caddymodule/admin"
)

// barrier lets requests begin their n-th write only when all of them are there.
type barrier struct {
	n, requests int

	mu      sync.Mutex
	writes  map[any]int // by request
	arrived int
	open    chan struct{}
}

func (b *barrier) wait(ctx context.Context) {
	b.mu.Lock()
	request := ctx.Value(caddy.ReplacerCtxKey)
	b.writes[request]++
	if b.writes[request] != b.n {
		b.mu.Unlock()
		return
	}
	if b.arrived++; b.arrived == b.requests {
		close(b.open)
	}
	b.mu.Unlock()
	select {
	case <-b.open:
	case <-time.After(2 * time.Second):
	}
}

// Law 2: logins that have all found the same code to be right meet before the
// statement that uses it up, and one wins.
func TestOneOfThoseWhoFoundTheCodeRightWins(t *testing.T) {
	const logins = 6
	d, f := openFaulty(t)
	code := d.code()
	// A login writes four times: the password is counted, then settled, the
	// code is counted, then used.
	meet := &barrier{n: 4, requests: logins, writes: map[any]int{}, open: make(chan struct{})}
	f.meet.Store(meet)
	statuses := atOnce(logins, func(int) int { status, _ := d.login(code); return status })
	f.meet.Store(nil)
	if statuses[http.StatusCreated] != 1 || statuses[http.StatusUnauthorized] != logins-1 {
		t.Errorf("the statuses are %v, want one 201 and else 401", statuses)
	}
	if meet.arrived != logins {
		t.Errorf("%d of %d logins met: this proves little", meet.arrived, logins)
	}
	var sessions []admin.Session
	if d.call("session/list", admin.ListOf{User: d.name}, &sessions); len(sessions) != 1 {
		t.Errorf("%d sessions are open, want 1", len(sessions))
	}
}
