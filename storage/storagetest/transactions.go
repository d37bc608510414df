package storagetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// exists says whether a user is there.
func exists(t *testing.T, s authcore.Store, id string) bool {
	t.Helper()
	err := s.Read(context.Background(), func(tx authcore.Tx) error {
		_, err := tx.UserByID(id)
		return err
	})
	if err != nil && authcore.CodeOf(err) != authcore.CodeNotFound {
		t.Fatal(err)
	}
	return err == nil
}

func rollback(t *testing.T, open Open) {
	s := open(t, Opts{})
	own := errors.New("an error of the caller")
	err := s.Write(t.Context(), func(tx authcore.Tx) error {
		try(t, tx.CreateUser(sampleUser("1")))
		return own
	})
	if err != own { //nolint:errorlint // unchanged, not wrapped
		t.Errorf("got %v, want the caller's own error", err)
	}
	func() {
		defer func() { same(t, "the panic", recover(), any("boom")) }()
		_ = s.Write(t.Context(), func(tx authcore.Tx) error {
			try(t, tx.CreateUser(sampleUser("1")))
			panic("boom")
		})
	}()
	if exists(t, s, "1") {
		t.Error("a transaction that failed left something behind")
	}
	var kept authcore.Tx
	write(t, s, func(tx authcore.Tx) error { // and the store goes on working
		kept = tx
		return tx.CreateUser(sampleUser("1"))
	})
	wantCode(t, kept.SetUserDisabled("1", true), authcore.CodeInternal) // after its end
	if !exists(t, s, "1") {
		t.Error("a transaction that succeeded left nothing behind")
	}
}

func readDoesNotWrite(t *testing.T, open Open) {
	s := open(t, Opts{})
	err := s.Read(t.Context(), func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("1")) })
	wantCode(t, err, authcore.CodeUnavailable)
	if exists(t, s, "1") {
		t.Error("a Read wrote")
	}
}

// lostTransaction: fn can't commit by ignoring that a statement failed.
func lostTransaction(t *testing.T, open Open) {
	s := open(t, Opts{})
	write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("1")) })
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error {
		try(t, tx.CreateUser(sampleUser("2")))
		wantCode(t, tx.CreateUser(sampleUser("1")), authcore.CodeConflict)
		wantCode(t, tx.CreateUser(sampleUser("3")), authcore.CodeConflict)
		return nil
	})
	if exists(t, s, "2") || exists(t, s, "3") {
		t.Error("a transaction with a failed statement was committed")
	}
	write(t, s, func(tx authcore.Tx) error { // NotFound loses nothing
		_, err := tx.UserByID("2")
		wantCode(t, err, authcore.CodeNotFound)
		return tx.CreateUser(sampleUser("2"))
	})
}

// boundedInTime: the driver may hang at any point, and the caller gets an
// answer; when the driver is back, the store is too, and has kept nothing.
func boundedInTime(t *testing.T, open Open) {
	var mu sync.Mutex
	hangAt, hang := "", make(chan struct{})
	faults := &Faults{Before: func(query string) {
		mu.Lock()
		at, gate := hangAt, hang
		mu.Unlock()
		if at != "" && strings.HasPrefix(query, at) {
			<-gate
		}
	}}
	s := open(t, Opts{Wrap: faults.Wrap, CallTimeout: 200 * time.Millisecond})
	for _, at := range []string{"BEGIN", "INSERT INTO users", "COMMIT"} {
		gate := make(chan struct{})
		mu.Lock()
		hangAt, hang = at, gate
		mu.Unlock()
		began := time.Now()
		err := s.Write(t.Context(), func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("1")) })
		wantCode(t, err, authcore.CodeUnavailable)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("hanging at %s: answer after %v", at, took)
		}
		mu.Lock()
		hangAt = ""
		mu.Unlock()
		close(gate)
		// What hung at the commit may have been committed; nothing else may.
		healed(t, s)
		if at != "COMMIT" && exists(t, s, "1") {
			t.Errorf("hanging at %s: the transaction was committed", at)
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Write(canceled, func(authcore.Tx) error { t.Error("fn ran"); return nil })
	wantCode(t, err, authcore.CodeUnavailable)
}

// driverPanics: a defect of the driver ends the call, not the process.
func driverPanics(t *testing.T, open Open) {
	var armed atomic.Bool
	faults := &Faults{Before: func(query string) {
		if armed.Load() && strings.HasPrefix(query, "INSERT INTO users") {
			panic("the driver is broken")
		}
	}}
	s := open(t, Opts{Wrap: faults.Wrap})
	armed.Store(true)
	refused(t, s, authcore.CodeUnavailable, func(tx authcore.Tx) error {
		try(t, tx.AppendEvent(authcore.Event{At: start, Action: "a"}))
		return tx.CreateUser(sampleUser("1"))
	})
	armed.Store(false)
	read(t, s, func(tx authcore.Tx) error {
		events, err := tx.Events(1)
		same(t, "events", len(events), 0)
		return err
	})
	write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("1")) })
}

// healed waits until the store writes again.
func healed(t *testing.T, s authcore.Store) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		err = s.Write(t.Context(), func(tx authcore.Tx) error { return tx.AppendEvent(authcore.Event{At: start, Action: "a"}) })
		if err == nil {
			return
		}
	}
	t.Fatalf("the store does not come back: %v", err)
}

// boundedCrowd: when enough calls wait, the next one is refused at once.
func boundedCrowd(t *testing.T, open Open) {
	const waiters = 3
	s := open(t, Opts{Waiters: waiters, Writers: 1, CallTimeout: 20 * time.Second})
	inside, leave := make(chan struct{}), make(chan struct{})
	results := make(chan error)
	go func() {
		results <- s.Write(context.Background(), func(authcore.Tx) error {
			close(inside)
			<-leave
			return nil
		})
	}()
	<-inside // the writer is taken
	const calls = 50
	began := time.Now()
	for range calls {
		go func() { results <- s.Write(context.Background(), func(authcore.Tx) error { return nil }) }()
	}
	refusedCalls := 0
	for range calls - waiters {
		err := <-results
		wantCode(t, err, authcore.CodeUnavailable)
		refusedCalls++
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the refusals took %v", took)
	}
	close(leave)
	for range waiters + 1 {
		try(t, <-results) // who waited is served
	}
	same(t, "refused calls", refusedCalls, calls-waiters)
}

// closing: running transactions finish, later calls are refused.
func closing(t *testing.T, open Open) {
	s := open(t, Opts{})
	inside, leave, result, closed := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() {
		result <- s.Write(context.Background(), func(tx authcore.Tx) error {
			close(inside)
			<-leave
			return tx.CreateUser(sampleUser("1"))
		})
	}()
	<-inside
	go func() { closed <- s.Close() }()
	for { // until Close has begun
		err := s.Read(context.Background(), func(authcore.Tx) error { return nil })
		if err != nil {
			wantCode(t, err, authcore.CodeUnavailable)
			break
		}
	}
	select {
	case err := <-closed:
		t.Errorf("Close did not wait: %v", err)
	default:
	}
	close(leave)
	try(t, <-result)
	try(t, <-closed)
	wantCode(t, s.Write(context.Background(), func(authcore.Tx) error { return nil }), authcore.CodeUnavailable)
	try(t, s.Close()) // again
}
