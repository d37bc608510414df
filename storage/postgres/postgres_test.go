package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

func open(t *testing.T, o postgres.Options) *storage.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func addUser(t *testing.T, db *storage.DB, id string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx authcore.Tx) error {
		return tx.CreateUser(authcore.User{ID: id, Tenant: "default", Name: id, CreatedAt: time.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func bump(db *storage.DB, id string) error {
	return db.Write(context.Background(), func(tx authcore.Tx) error {
		_, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: id}, time.Now())
		return err
	})
}

// A change on one node wakes the others, by a connection that is made anew when
// it is lost; what was lost meanwhile is made good by a hint for nothing.
func TestChanges(t *testing.T) {
	cluster := postgrestest.Start(t)
	dsn := cluster.Database(t)
	a, b := open(t, postgres.Options{DSN: dsn}), open(t, postgres.Options{DSN: dsn})
	addUser(t, a, "u")
	hear := func(what string) {
		t.Helper()
		select {
		case <-b.Changes():
		case <-time.After(10 * time.Second):
			t.Fatalf("no hint after %s", what)
		}
	}
	awaitListeners(t, cluster, 2)
	if err := bump(a, "u"); err != nil {
		t.Fatal(err)
	}
	hear("a change")
	cluster.Exec(t, "postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`)
	hear("the listener came back")
	awaitListeners(t, cluster, 2)
	if err := bump(a, "u"); err != nil {
		t.Fatal(err)
	}
	hear("another change")
}

// Who can't listen is told of it, once, without a password, and works on.
func TestNobodyListens(t *testing.T) {
	cluster := postgrestest.Start(t)
	told := make(chan string, 10)
	db := open(t, postgres.Options{
		DSN: cluster.Database(t), ListenDSN: "postgres://u:sekrit@127.0.0.1:1/x",
		Log: slog.New(slog.NewTextHandler(lines(told), nil)),
	})
	addUser(t, db, "u")
	select {
	case line := <-told:
		if !strings.Contains(line, "no notifications") || strings.Contains(line, "sekrit") {
			t.Errorf("the log says %s", line)
		}
	case <-time.After(10 * time.Second):
		t.Error("nobody is told")
	}
	if err := bump(db, "u"); err != nil {
		t.Error(err)
	}
}

type lines chan<- string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// awaitListeners waits until so many connections listen.
func awaitListeners(t *testing.T, c *postgrestest.Cluster, want int) {
	t.Helper()
	db := c.Open(t, "postgres")
	defer func() { _ = db.Close() }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	n := 0
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-tick.C {
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == want {
			return
		}
	}
	t.Fatalf("%d connections listen, want %d", n, want)
}

// Every refusal says what was wrong, and none shows a password.
func TestOpenRefused(t *testing.T) {
	cluster := postgrestest.Start(t)
	cluster.Exec(t, "postgres", `CREATE ROLE guest LOGIN PASSWORD 'sekrit'`)
	guest := strings.Replace(cluster.Database(t), "doorward@", "guest:sekrit@", 1)
	for what, c := range map[string]struct {
		dsn  string
		code authcore.Code
		word string
	}{
		"no DSN":            {"postgres://doorward:sek#rit@127.0.0.1/x", authcore.CodeInvalid, "%XX"},
		"a wrong word":      {"host=127.0.0.1 password=sekrit sslmode=strict", authcore.CodeInvalid, "can't be read"},
		"nobody there":      {"postgres://doorward:sekrit@127.0.0.1:1/x", authcore.CodeUnavailable, ""},
		"no such user":      {strings.Replace(guest, "guest:", "nobody:", 1), authcore.CodeInvalid, "nobody"},
		"no such database":  {cluster.DSN("nowhere"), authcore.CodeInvalid, "nowhere"},
		"no right":          {guest, authcore.CodeInvalid, "permission denied"},
		"no TLS":            {strings.Replace(guest, "disable", "require", 1), authcore.CodeInvalid, "sslmode"},
		"listen_dsn, wrong": {"", authcore.CodeInvalid, "can't be read"},
	} {
		t.Run(what, func(t *testing.T) {
			o := postgres.Options{DSN: c.dsn}
			if c.dsn == "" {
				o = postgres.Options{DSN: guest, ListenDSN: "sekrit"}
			}
			db, err := postgres.Open(t.Context(), o)
			if db != nil || authcore.CodeOf(err) != c.code || !strings.Contains(authcore.MessageOf(err), c.word) {
				t.Errorf("got %v, want code %s and %q", err, c.code, c.word)
			}
			if err != nil && (strings.Contains(err.Error(), "sekrit") || strings.Contains(err.Error(), "rit@")) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// A frozen server: every call is answered in time, no goroutine stays behind,
// and when the server goes on, so does the store.
func TestFrozenServer(t *testing.T) {
	cluster := postgrestest.Start(t)
	db := open(t, postgres.Options{DSN: cluster.Database(t)})
	addUser(t, db, "u")
	crowd := make(chan struct{})
	var inside, warm sync.WaitGroup
	inside.Add(postgres.DefaultWriters)
	for range postgres.DefaultWriters { // every connection stands when the server freezes
		warm.Go(func() {
			_ = db.Write(t.Context(), func(authcore.Tx) error { inside.Done(); <-crowd; return nil })
		})
	}
	inside.Wait()
	close(crowd)
	warm.Wait()
	before := runtime.NumGoroutine()
	cluster.Freeze()
	defer cluster.Thaw()
	var calls sync.WaitGroup
	for range 50 {
		calls.Go(func() {
			began := time.Now()
			if err := bump(db, "u"); authcore.CodeOf(err) != authcore.CodeUnavailable {
				t.Errorf("frozen: %v", err)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("answered after %v", took)
			}
		})
	}
	calls.Wait()
	eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before+2 })
	cluster.Thaw()
	eventually(t, "the store works again", func() bool { return bump(db, "u") == nil })
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !is(); <-tick.C { // a machine may have much to do
		if time.Now().After(deadline) {
			t.Fatalf("not so: %s", what)
		}
	}
}

// A lock that somebody else holds ends a call with an error before its time, and
// what one transaction leaves open blocks nobody for long.
func TestLockedTable(t *testing.T) {
	cluster := postgrestest.Start(t)
	db := open(t, postgres.Options{DSN: cluster.Database(t)})
	addUser(t, db, "u")
	other, err := cluster.Open(t, "test1").BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), `LOCK TABLE users`); err != nil {
		t.Fatal(err)
	}
	err = bump(db, "u")
	var pqError *pq.Error
	if authcore.CodeOf(err) != authcore.CodeUnavailable || !errors.As(err, &pqError) || pqError.Code != "55P03" {
		t.Errorf("with the table locked: %v, want lock_not_available", err)
	}
	if err := other.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := bump(db, "u"); err != nil {
		t.Error(err)
	}
}

// An idle transaction, as of a node that was frozen in the middle, loses its
// locks.
func TestAbandonedTransaction(t *testing.T) {
	cluster := postgrestest.Start(t)
	dsn := cluster.Database(t)
	frozen := open(t, postgres.Options{DSN: dsn, CallTimeout: time.Minute})
	db := open(t, postgres.Options{DSN: dsn})
	addUser(t, db, "u")
	locked, release := make(chan struct{}), make(chan struct{})
	result := make(chan error)
	go func() {
		result <- frozen.Write(t.Context(), func(tx authcore.Tx) error {
			err := tx.LockUser("u")
			close(locked)
			<-release
			return err
		})
	}()
	<-locked
	eventually(t, "another node gets the row", func() bool { return bump(db, "u") == nil })
	close(release)
	if err := <-result; authcore.CodeOf(err) != authcore.CodeUnavailable {
		t.Errorf("the abandoned transaction: %v", err)
	}
}

// A change that was made first and is committed last is listed, though a younger
// one was listed before it.
func TestLateCommit(t *testing.T) {
	db := open(t, postgres.Options{DSN: postgrestest.Start(t).Database(t)})
	addUser(t, db, "late")
	addUser(t, db, "early")
	var cursor authcore.Cursor
	poll := func() (subjects []string) {
		t.Helper()
		err := db.Read(t.Context(), func(tx authcore.Tx) error {
			changes, next, err := tx.EpochsSince(cursor)
			for _, c := range changes {
				subjects = append(subjects, c.Subject.ID)
			}
			cursor = next
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return subjects
	}
	poll()
	bumped, commit, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- db.Write(t.Context(), func(tx authcore.Tx) error {
			_, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: "late"}, time.Now())
			close(bumped)
			<-commit
			return err
		})
	}()
	<-bumped
	if err := bump(db, "early"); err != nil {
		t.Fatal(err)
	}
	if got := poll(); !slices.Contains(got, "early") {
		t.Errorf("listed %v", got)
	}
	close(commit)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := poll(); !slices.Contains(got, "late") {
		t.Errorf("the late commit is missed: %v", got)
	}
	if got := poll(); len(got) != 0 {
		t.Errorf("listed for ever: %v", got)
	}
}
