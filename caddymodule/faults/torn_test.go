package faults

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to look into copies of the database

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/sqlite"
)

// FI-04: copies of the database of a working gateway, whole and damaged. Each
// opens to a prefix of what was committed, or is refused.
func TestTornFiles(t *testing.T) {
	t.Parallel()
	x := begin(t, "FI-04")
	n := newWorld(t, "sqlite doorward.db").start()
	seed := uint64(time.Now().UnixNano())
	x.note("seed", seed)
	random := rand.New(rand.NewPCG(4, seed))
	var acked []string // the sessions, in the order of their logins
	var mu sync.Mutex
	p := n.enrol("alice", 1)
	for range 15 {
		acked = append(acked, sessionOf(n.mustLogin(p)))
		x.ack()
	}
	n.signal(syscall.SIGTERM) // brings the log into the database, so that there is something to spoil
	<-n.ended
	n.run()
	n.awaitReady()
	writing := atRate(50, 1, func(int) {
		if status, token := n.login(p, p.devices[0].code()); status == http.StatusCreated {
			mu.Lock()
			defer mu.Unlock()
			acked = append(acked, sessionOf(token))
			x.ack()
		}
	})
	defer writing.stop()
	outcomes := map[string]int{}
	for range 8 {
		mu.Lock()
		before := len(acked)
		mu.Unlock()
		more := 1 + random.IntN(3)
		x.until(20*time.Second, "logins go on", func() bool { mu.Lock(); defer mu.Unlock(); return len(acked) >= before+more })
		n.signal(syscall.SIGSTOP) // or the two files would be of two moments
		mu.Lock()
		known := slices.Clone(acked)
		mu.Unlock()
		moment := copyOf(t, n.database(), t.TempDir())
		n.signal(syscall.SIGCONT)
		whole := look(x, copyOf(t, moment, t.TempDir()))
		if whole.refusal != nil || whole.wrong != "" || !startsWith(whole.sessions, known) {
			x.violate("a whole copy has %d sessions (%v, %s), and %d were acknowledged", len(whole.sessions), whole.refusal, whole.wrong, len(known))
		}
		for name, damage := range damages(random) {
			path := copyOf(t, moment, t.TempDir())
			damage(t, path)
			found := look(x, path)
			switch {
			case found.refusal != nil:
				outcomes[name+": refused"]++
			case found.wrong == "" && startsWith(whole.sessions, found.sessions):
				outcomes[name+": a prefix"]++
			case name == theDatabase && found.users > 0:
				// SQLite's pages have no checksums: a changed value is a value, and
				// a changed structure an error when it is met. What is sealed
				// refuses by itself; for the rest there are backups.
				outcomes[name+": noticed later or never"]++
			default:
				x.violate("with %s damaged there are %d sessions and %d users (%s), of %d", name, len(found.sessions), found.users, found.wrong, len(whole.sessions))
			}
		}
	}
	for name, times := range outcomes {
		x.note(name, times)
	}
}

func startsWith(all, beginning []string) bool {
	return len(all) >= len(beginning) && slices.Equal(all[:len(beginning)], beginning)
}

const theDatabase = "a bit of the database"

// damages are what can happen to the files at a moment.
func damages(random *rand.Rand) map[string]func(testing.TB, string) {
	flip := func(t testing.TB, name string) {
		content, err := os.ReadFile(name)
		if err != nil || len(content) == 0 {
			t.Fatal(name, err)
		}
		content[random.IntN(len(content))] ^= 1 << random.IntN(8)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]func(testing.TB, string){
		"the end of the log": func(t testing.TB, path string) {
			info, err := os.Stat(path + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path+"-wal", random.Int64N(info.Size()+1)); err != nil {
				t.Fatal(err)
			}
		},
		"a bit of the log": func(t testing.TB, path string) { flip(t, path+"-wal") },
		theDatabase:        func(t testing.TB, path string) { flip(t, path) },
	}
}

// copyOf copies a database and its log, and nothing else, into dir.
func copyOf(t testing.TB, path, dir string) string {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "doorward.db"+suffix), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "doorward.db")
}

// state is what a copy opens to.
type state struct {
	refusal  error
	sessions []string // in the order of their logins
	users    int
	wrong    string // what can't be after whole transactions
}

// look opens a copy as a gateway does. A login is one transaction with three
// witnesses: session, audit row and counter; it is there with all or with none.
func look(x *experiment, path string) (s state) {
	x.t.Helper()
	store, err := sqlite.Open(x.t.Context(), sqlite.Options{Path: path})
	if err != nil {
		if authcore.CodeOf(err) == authcore.CodeInternal || !strings.Contains(authcore.MessageOf(err)+err.Error(), path) {
			x.violate("the refusal is not clear: %v", err)
		}
		return state{refusal: err}
	}
	if err := store.Close(); err != nil {
		s.wrong = err.Error()
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		x.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var sessions string
	var told, counter int
	var verdict string
	err = errors.Join(
		db.QueryRow(`SELECT coalesce(group_concat(id, ' '), ''), (SELECT count(*) FROM users) FROM (SELECT id FROM sessions ORDER BY seq)`).Scan(&sessions, &s.users),
		db.QueryRow(`SELECT (SELECT count(*) FROM audit WHERE action = 'login.code' AND outcome = 'ok'),
			(SELECT coalesce(max(last_counter), -1) FROM devices)`).Scan(&told, &counter),
		db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict))
	s.sessions = strings.Fields(sessions)
	if err != nil || verdict != "ok" || told != len(s.sessions) || counter != len(s.sessions)-1 {
		s.wrong += fmt.Sprintf("%d audit rows, counter %d, integrity %q, %v", told, counter, verdict, err)
	}
	return s
}

// A database that is gone, or is none, is refused with what to do about it, and
// no empty one takes its place.
func TestLostDatabaseIsRefused(t *testing.T) {
	x := begin(t, "FI-04")
	n := newWorld(t, "sqlite doorward.db").prepare()
	n.writeCaddyfile(strings.Replace(n.caddyfile("", ""), "seal_key {env.SEAL_KEY}", "", 1))
	n.run()
	n.awaitReady()
	n.enrol("alice", 1)
	n.signal(syscall.SIGTERM)
	<-n.ended
	backup, err := os.ReadFile(n.database())
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		spoil func() error
		words []string
	}{
		"gone":    {func() error { return os.Remove(n.database()) }, []string{"is gone", "restore it from a backup, or remove " + n.database() + ".key"}},
		"empty":   {func() error { return os.WriteFile(n.database(), nil, 0o600) }, []string{"empty", "restore it from a backup"}},
		"garbage": {func() error { return os.WriteFile(n.database(), backup[100:], 0o600) }, []string{"damaged", "restore it from a backup"}},
	} {
		if err := c.spoil(); err != nil {
			t.Fatal(err)
		}
		spoiled, _ := os.ReadFile(n.database())
		n.log = new(buffer)
		n.run()
		select {
		case <-n.ended:
		case <-time.After(20 * time.Second):
			x.violate("%s: the gateway runs", what)
			n.kill()
		}
		for _, word := range c.words {
			if !strings.Contains(n.log.String(), word) {
				x.violate("%s: the message lacks %q", what, word)
			}
		}
		if now, _ := os.ReadFile(n.database()); !bytes.Equal(now, spoiled) {
			x.violate("%s: the file was touched", what)
		}
		if err := os.WriteFile(n.database(), backup, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n.run()
	n.awaitReady()
	n.mustCall("user/show", admin.UserRef{User: "alice"}, nil)
	x.ack()
}
