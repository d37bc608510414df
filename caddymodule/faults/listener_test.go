package faults

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-17, short: revocations reach the other node though every connection that
// listens for them dies ten times a second.
func TestNotificationsLost(t *testing.T) {
	t.Parallel() // it mostly waits
	revokeWithoutListeners(t, 60)
}

func revokeWithoutListeners(t *testing.T, sessions int) {
	x := begin(t, "FI-17")
	pg := postgrestest.Start(t)
	w := newWorld(t, "postgres "+pg.Database(t))
	a, b := w.start(), w.start()
	tokens := make([]string, sessions)
	var all sync.WaitGroup
	for worker := range 4 {
		p := a.enrol("user"+string(rune('a'+worker)), 1)
		all.Go(func() {
			for i := worker; i < sessions; i += 4 {
				if _, tokens[i] = a.login(p, p.devices[0].code()); tokens[i] == "" {
					x.violate("a login fails")
				}
				if status, _ := b.get("/", tokens[i]); status != http.StatusOK {
					x.violate("the other node gives %d", status)
				}
			}
		})
	}
	all.Wait()

	killed, stop := killListeners(x, pg)
	var slowest time.Duration
	var mu sync.Mutex
	for burst := range slices.Chunk(tokens, 10) { // nobody hears of one by the next one's notification
		for _, token := range burst {
			all.Go(func() {
				a.mustCall("session/revoke", admin.SessionRef{Session: sessionOf(token)}, nil)
				x.ack()
				if status, _ := a.get("/", token); status != http.StatusUnauthorized {
					x.violate("the node that revoked gives %d", status)
				}
				took := x.until(time.Second, "the other node refuses", func() bool {
					status, _ := b.get("/", token)
					return status == http.StatusUnauthorized
				})
				mu.Lock()
				defer mu.Unlock()
				slowest = max(slowest, took)
			})
		}
		all.Wait()
	}
	stop()
	if *killed < 2 {
		x.violate("%d listeners were killed", *killed)
	}
	x.note("listeners_killed", *killed)
	x.note("slowest_revocation_ms", slowest.Milliseconds())
	for _, token := range tokens {
		if status, _ := b.get("/", token); status != http.StatusUnauthorized {
			x.violate("a revoked session gets %d", status)
		}
	}
}

// killListeners does so every 100 ms until it is stopped.
func killListeners(x *experiment, pg *postgrestest.Cluster) (killed *int, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	db := pg.Open(x.t, "postgres")
	killed = new(int)
	go func() {
		defer close(done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			n := 0
			if err := db.QueryRowContext(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE query LIKE 'LISTEN%'`).Scan(&n); err == nil {
				*killed += n
			}
			<-tick.C
		}
	}()
	return killed, func() { cancel(); <-done; _ = db.Close() }
}
