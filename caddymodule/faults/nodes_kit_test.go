package faults

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to ask a database while its node is down

	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// threeNodes are three gateways on one new PostgreSQL.
func threeNodes(t testing.TB) (*world, []*node) {
	t.Helper()
	w := newWorld(t, "postgres "+postgrestest.Start(t, "max_connections = 200").Database(t))
	return w, []*node{w.start(), w.start(), w.start()}
}

// count asks the store itself for a number, beside the gateways; $1 and so on
// stand for args. A node holds its SQLite file alone only against other nodes.
func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	driver, dsn, _ := strings.Cut(w.store, " ")
	if path, isSQLite := sqlitePath(w.store); isSQLite {
		dsn, query = "file:"+path+"?mode=ro", strings.ReplaceAll(query, "$", "?")
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func sqlitePath(store string) (path string, isSQLite bool) {
	return strings.CutPrefix(store, "sqlite ")
}

// sessions counts those ever made for a user that the store still has.
func (w *world) sessions(p *person) int {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM sessions WHERE user_id = $1`, p.id)
}

// from is n as a client at another address of this machine sees it: each
// address has its own share of the hash queue.
func (n *node) from(address string) *node {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1000}
	n.t.Cleanup(transport.CloseIdleConnections)
	seen := *n
	seen.client = &http.Client{Transport: transport, Timeout: n.client.Timeout}
	return &seen
}

// reconfigure is `caddy reload`.
func (n *node) reconfigure() {
	n.t.Helper()
	cmd := exec.Command(binary, "reload", "--config", "Caddyfile", "--address", "unix/"+n.dir+"/admin.sock", "--force")
	cmd.Dir, cmd.Env = n.dir, append(n.cmd.Env, n.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("caddy reload: %v\n%s", err, out)
	}
}

// together runs do(0) to do(times-1), all at once.
func together(times int, do func(i int)) {
	barrier := make(chan struct{})
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() { <-barrier; do(i) })
	}
	close(barrier)
	all.Wait()
}

// beside runs do(0) to do(times-1) again and again, each in its own goroutine,
// with a pause in between, until stop is called, which waits for them.
func beside(times int, pause time.Duration, do func(i int)) (stop func()) {
	end := make(chan struct{})
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() {
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for {
				do(i)
				select {
				case <-end:
					return
				case <-tick.C:
				}
			}
		})
	}
	return sync.OnceFunc(func() { close(end); all.Wait() })
}

// part reads one of the two JSON parts of a token: its header or its claims.
func part(t testing.TB, token string, index int) map[string]any {
	t.Helper()
	var values map[string]any
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token+"..", ".")[index])
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil {
		t.Fatalf("%q is no token: %v", token, err)
	}
	return values
}

func kid(t testing.TB, token string) string { return part(t, token, 0)["kid"].(string) }
func sid(t testing.TB, token string) string { return part(t, token, 1)["sid"].(string) }
