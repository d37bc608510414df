package faults

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// FI-21: eight nodes that start at once on an empty database: one migrates, and
// all become ready. (What a long migration does to the others is tested in
// storage/postgres, where there is one.)
func TestMigrateOnce(t *testing.T) {
	x := begin(t, "FI-21")
	w := newWorld(t, "postgres "+postgrestest.Start(t, "max_connections = 200").Database(t))
	nodes := make([]*node, 8)
	for i := range nodes {
		nodes[i] = w.prepare()
	}
	x.startTogether(nodes)
	w.wholeSchema(x)
}

// wholeSchema demands each version once, and what a half schema would lack.
func (w *world) wholeSchema(x *experiment) {
	x.t.Helper()
	all, versions := w.count(`SELECT count(*) FROM goose_db_version`), w.count(`SELECT count(DISTINCT version_id) FROM goose_db_version`)
	if all != versions || all < 3 {
		x.violate("%d rows of %d versions", all, versions)
	}
	for _, table := range []string{
		"users", "audit", "challenges", "identities", "invites", "imports", "pictures", "accounts", "replays",
	} { // the first and the last of each migration
		if rows := w.count(`SELECT count(*) FROM ` + table); rows < 0 {
			x.violate("%s has %d rows", table, rows)
		}
	}
	if rows := w.count(`SELECT count(*) FROM key_set`); rows != 1 {
		x.violate("key_set has %d rows", rows)
	}
}

// A node that is killed while it starts on an empty database leaves nothing that
// the next one stumbles over.
func TestKilledWhileMigrating(t *testing.T) {
	x := begin(t, "FI-21")
	x.killStarts(t, 2, postgresWorlds(t))
	x.killStarts(t, 3, sqliteWorlds(t))
}

func postgresWorlds(t *testing.T) func() *world {
	cluster := postgrestest.Start(t, "max_connections = 200")
	return func() *world { return newWorld(t, "postgres "+cluster.Database(t)) }
}

func sqliteWorlds(t *testing.T) func() *world {
	return func() *world { return newWorld(t, "sqlite "+t.TempDir()+"/doorward.db") }
}

// killStarts kills starts anywhere between their first moment and readiness.
func (x *experiment) killStarts(t *testing.T, times int, newEmpty func() *world) {
	began := time.Now()
	newEmpty().start().kill()
	whole := time.Since(began)
	for range times {
		w := newEmpty()
		n := w.prepare()
		for range 2 { // the second on what the first has left
			n.run()
			<-time.After(rand.N(whole))
			n.kill()
		}
		x.startsWell(t, w)
	}
}

func (x *experiment) startsWell(t *testing.T, w *world) {
	n := w.prepare()
	began := time.Now()
	n.run()
	for !n.ready() && time.Since(began) < 15*time.Second {
		select {
		case <-n.ended:
			t.Fatalf("after a killed start: %s", n.log.tail(600))
		case <-time.After(20 * time.Millisecond):
		}
	}
	if !n.ready() {
		x.violate("not ready 15 s after a killed start")
	}
	w.wholeSchema(x)
	n.mustLogin(n.enrol("alice", 1))
	n.kill()
	x.ack()
}

// On SQLite a killed start may leave a file that nobody has written to yet.
func TestKilledBeforeTheFirstWrite(t *testing.T) {
	x := begin(t, "FI-21")
	w := sqliteWorlds(t)()
	path, _ := sqlitePath(w.store)
	n := w.prepare()
	n.run()
	made := func() bool {
		all, _ := filepath.Glob(path + "*")
		return len(all) > 1
	}
	for !made() { // as closely as a process can watch another
		_, _ = os.Stat(path)
	}
	n.kill()
	x.startsWell(t, w)
}

// An older program refuses a newer schema, and says both versions; a node that
// runs already is none of its business.
func TestOlderProgramRefuses(t *testing.T) {
	x := begin(t, "FI-21")
	cluster := postgrestest.Start(t)
	w := newWorld(t, "postgres "+cluster.Database(t))
	running := w.start()
	token := running.mustLogin(running.enrol("alice", 1))
	cluster.Exec(t, "test1", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`)
	older := w.prepare()
	older.run()
	select {
	case <-older.ended:
		x.ack()
	case <-time.After(10 * time.Second):
		x.violate("the older program goes on")
	}
	if code := older.cmd.ProcessState.ExitCode(); code <= 0 {
		x.violate("it ends with %d", code)
	}
	for _, word := range []string{"schema version 99", "versions up to 6"} {
		if !strings.Contains(older.log.String(), word) {
			x.violate("its log does not say %q", word)
		}
	}
	if status, _ := running.get("/", token); status != 200 {
		x.violate("the running node gives %d", status)
	}
}
