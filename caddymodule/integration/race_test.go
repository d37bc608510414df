package integration

import (
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/sqlite"
)

// atOnce runs n posts that start together, and counts the statuses.
func atOnce(n int, post func(i int) (status int)) map[int]int {
	var group sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			status := post(i)
			mu.Lock()
			statuses[status]++
			mu.Unlock()
		})
	}
	close(start)
	group.Wait()
	return statuses
}

// OTP-05, FI-01, law 2: of 300 parallel posts of one code one wins.
func TestOneOfManyParallelPostsWins(t *testing.T) {
	alice := open(t, "", "")
	bob := alice.another("bob")
	for d, code := range map[*door]string{alice: alice.code(), bob: bob.addHOTP().code(0)} {
		var tokens atomic.Int64
		statuses := atOnce(300, func(int) int {
			status, token := d.login(code)
			if token != "" {
				tokens.Add(1)
			}
			return status
		})
		if statuses[http.StatusCreated] != 1 || tokens.Load() != 1 ||
			statuses[http.StatusUnauthorized]+statuses[http.StatusTooManyRequests]+statuses[http.StatusServiceUnavailable] != 299 {
			t.Errorf("%s: the statuses are %v, want one 201 and else 401, 503, or 429 after ten of 401", d.name, statuses)
		}
		var sessions []admin.Session
		if d.call("session/list", admin.ListOf{User: d.name}, &sessions); len(sessions) != 1 {
			t.Errorf("%s: %d sessions are open", d.name, len(sessions))
		}
	}
}

// LCK-07, law 3: however parallel wrong codes are, no more are looked at than
// are counted, and no more are counted than the limit.
func TestParallelWrongCodesStopAtTheLimit(t *testing.T) {
	const limit = 10
	d := open(t, "", "")
	device := d.addHOTP()
	code := device.code(0)
	statuses := atOnce(200, func(i int) (status int) {
		status, _ = d.login("90000" + string(rune('0'+i%10)))
		return status
	})
	if statuses[http.StatusUnauthorized] == 0 || statuses[http.StatusUnauthorized]+statuses[http.StatusTooManyRequests]+statuses[http.StatusServiceUnavailable] != 200 {
		t.Errorf("the statuses are %v, want 401, 429 and 503 only", statuses)
	}
	for range limit { // whatever was turned away before
		if status, _ := d.login(wrongOf(code)); status != http.StatusUnauthorized && status != http.StatusTooManyRequests {
			t.Errorf("a wrong code gives %d", status)
		}
	}
	if status, _ := d.login(code); status != http.StatusTooManyRequests {
		t.Errorf("the right code after that gives %d, want 429", status)
	}
	counted := d.shown(device.Serial).WrongCodesTotal
	if err := caddy.Stop(); err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, e := range audit(t, filepath.Join(d.Dir, "doorward.db")) {
		if e.Action == "login.code" && e.Reason == "wrong_code" {
			looked++
		}
	}
	if counted != limit || looked > counted || looked == 0 {
		t.Errorf("%d codes were looked at and %d counted, want %d", looked, counted, limit)
	}
}

// audit reads the trail of a database that nobody has open.
func audit(t testing.TB, path string) (events []authcore.Event) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.Read(t.Context(), func(tx authcore.Tx) (err error) { events, err = tx.Events(10000); return err })
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// wrongOf is a code of six digits that is not this one.
func wrongOf(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}
