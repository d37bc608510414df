package faults

import (
	"database/sql"
	"net/http"
	"testing"
	"time"
)

// FI-15, the short one: for a while the database can be read and not written.
// Another program that holds its write lock has the same effect as a disk that
// is full or read-only; those are in disk_test.go.
func TestUnwritableDatabase(t *testing.T) {
	t.Parallel()
	x := begin(t, "FI-15")
	n := newWorld(t, "sqlite doorward.db").start()
	p := n.enrol("alice", 1)
	token := n.mustLogin(p)
	if status, _ := n.get("/", token); status != http.StatusOK {
		t.Fatalf("a request gives %d", status)
	}
	db, err := sql.Open("sqlite", n.database())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	unwritable(x, n, p, token)
	if _, err := db.Exec(`ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	writableAgain(x, n, p)
}

// unwritable wants of a gateway whose store takes no write: no login, no answer
// about a code, and no harm to sessions that are known.
func unwritable(x *experiment, n *node, p *person, token string) {
	x.t.Helper()
	before := n.wrongCodes(p)
	for _, code := range []string{"000000", p.devices[0].codeAt(p.devices[0].next.Load())} {
		began := time.Now()
		if status, token := n.login(p, code); status != http.StatusServiceUnavailable || token != "" {
			x.violate("a login gives %d, want 503", status)
		}
		x.took(time.Since(began), 3*time.Second, "a login")
		x.ack()
	}
	if after := n.wrongCodes(p); after != before {
		x.violate("%d wrong codes were counted without an answer", after-before)
	}
	if status, _ := n.get("/", token); status != http.StatusOK {
		x.violate("a known session gives %d", status)
	}
	if status, _ := n.get("/", "x.y.z"); status != http.StatusUnauthorized {
		x.violate("a token of nobody gives %d", status)
	}
	if n.ready() {
		x.violate("it says that it is ready")
	}
}

// writableAgain wants that it heals by itself, and that the code of before,
// which nobody looked at, still works: once.
func writableAgain(x *experiment, n *node, p *person) {
	x.t.Helper()
	code := p.devices[0].code()
	healed := x.until(5*time.Second, "logins work again", func() bool {
		status, _ := n.login(p, code)
		return status == http.StatusCreated
	})
	x.note("healed_ms", healed.Milliseconds())
	if status, _ := n.login(p, code); status != http.StatusUnauthorized {
		x.violate("the same code gives %d the second time", status)
	}
	x.until(4*time.Second, "it is ready", n.ready)
	if s := look(x, copyOf(x.t, n.database(), x.t.TempDir())); s.refusal != nil || s.wrong != "" {
		x.violate("the database is not whole: %v %s", s.refusal, s.wrong)
	}
}
