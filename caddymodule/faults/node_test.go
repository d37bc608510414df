package faults

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// binary is the gateway, as an operator builds it.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "dwbin")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "caddy")
	// As the Makefile builds it, so that most of it is built already.
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", "nobadger,nomysql,nopgx", "-o", binary, "github.com/doorward/doorward/cmd/caddy")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// world is what nodes have in common: a store, its seal key, and an app.
type world struct {
	t     testing.TB
	store string // what stands after "store" in the Caddyfile
	key   string
	app   *httptest.Server
	hits  atomic.Int64 // requests that reached the app
}

func newWorld(t testing.TB, store string) *world {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	w := &world{t: t, store: store, key: base64.StdEncoding.EncodeToString(key)}
	w.app = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.hits.Add(1)
		_, _ = fmt.Fprintf(out, "user %q", r.Header.Get("Remote-User"))
	}))
	t.Cleanup(w.app.Close)
	return w
}

// node is one gateway, a process of its own.
type node struct {
	*world
	dir    string // a folder of its own: Caddyfile, admin.sock, log
	url    string // http://127.0.0.1:port
	client *http.Client
	env    []string
	wrap   []string // a command before the gateway, like prlimit …
	cmd    *exec.Cmd
	ended  chan struct{}
	log    *buffer
}

// caddyfile of a node; site stands in its doorward block, global in the global one.
func (n *node) caddyfile(global, site string) string {
	return fmt.Sprintf(`{
	admin unix/%s/admin.sock
	auto_https off
	grace_period 5s
	doorward {
		store %s
		seal_key {env.SEAL_KEY}
		%s
	}
}
%s {
	doorward {
		api onlyoffice
		open /open/*
		%s
	}
	reverse_proxy %s
}
`, n.dir, n.store, global, n.url, site, n.app.Listener.Addr())
}

// prepare makes a node that is not started yet. Change env, wrap or the
// Caddyfile in dir, then run it.
func (w *world) prepare() *node {
	w.t.Helper()
	dir, err := os.MkdirTemp("", "dwnode")
	if err != nil {
		w.t.Fatal(err)
	}
	n := &node{world: w, dir: dir, url: fmt.Sprintf("http://127.0.0.1:%d", freePort(w.t)), log: new(buffer)}
	transport := &http.Transport{MaxIdleConnsPerHost: 1000}
	n.client = &http.Client{Transport: transport, Timeout: 20 * time.Second}
	n.configure("", "")
	w.t.Cleanup(func() {
		n.kill()
		transport.CloseIdleConnections()
		if w.t.Failed() {
			w.t.Logf("log of the node in %s, its end:\n%s", dir, n.log.tail(4000))
		}
		_ = os.RemoveAll(dir)
	})
	return n
}

func (n *node) configure(global, site string) {
	n.t.Helper()
	n.writeCaddyfile(n.caddyfile(global, site))
}

func (n *node) writeCaddyfile(text string) {
	n.t.Helper()
	if err := os.WriteFile(filepath.Join(n.dir, "Caddyfile"), []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// start makes a node, runs it and waits until it can decide.
func (w *world) start() *node {
	w.t.Helper()
	n := w.prepare()
	n.run()
	n.awaitReady()
	return n
}

// run starts the process and does not wait. After kill or stop it may run again.
func (n *node) run() {
	n.t.Helper()
	args := append(append([]string{}, n.wrap...), binary, "run", "--config", "Caddyfile")
	n.cmd = exec.Command(args[0], args[1:]...)
	n.cmd.Dir = n.dir
	n.cmd.Env = append(append(os.Environ(), "SEAL_KEY="+n.key, "HOME="+n.dir, "XDG_DATA_HOME="+n.dir+"/data", "XDG_CONFIG_HOME="+n.dir+"/config"), n.env...)
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	ended := make(chan struct{})
	n.ended = ended
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(ended) }(n.cmd)
}

func (n *node) ready() bool {
	status, _ := n.get("/.doorward/ready", "")
	return status == http.StatusOK
}

func (n *node) awaitReady() {
	n.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !n.ready(); <-tick.C {
		if time.Now().After(deadline) {
			n.t.Fatal("the node does not become ready")
		}
	}
}

// signal sends one, as SIGSTOP and SIGCONT.
func (n *node) signal(sig syscall.Signal) {
	n.t.Helper()
	if err := n.cmd.Process.Signal(sig); err != nil {
		n.t.Fatal(err)
	}
}

// kill is kill -9; it waits until the process is gone.
func (n *node) kill() {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGCONT)
	_ = n.cmd.Process.Kill()
	<-n.ended
}

// call asks Caddy's admin endpoint, as the commands do.
func (n *node) call(operation string, in, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if out == nil {
		out = new(any)
	}
	return admin.Client{Address: "unix/" + n.dir + "/admin.sock"}.Call(ctx, operation, in, out)
}

func (n *node) mustCall(operation string, in, out any) {
	n.t.Helper()
	if err := n.call(operation, in, out); err != nil {
		n.t.Fatalf("%s: %v", operation, err)
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	port, err := postgrestest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// buffer takes what a process writes while the test reads it.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *buffer) tail(n int) string {
	s := b.String()
	return s[max(0, len(s)-n):]
}

// stop ends the node in order, and waits.
func (n *node) stop() {
	n.t.Helper()
	n.signal(syscall.SIGTERM)
	select {
	case <-n.ended:
	case <-time.After(20 * time.Second):
		n.t.Fatal("the node does not stop")
	}
}

// again runs a node that has ended, and waits until it can decide.
func (n *node) again() {
	n.t.Helper()
	n.run()
	n.awaitReady()
}
