package integration

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// asCaddy makes this test binary the program that cmd/caddy is: tests run it as
// a process of its own, without building another.
const asCaddy = "DOORWARD_TEST_AS_CADDY"

func TestMain(m *testing.M) {
	if os.Getenv(asCaddy) != "" {
		caddycmd.Main()
		os.Exit(0)
	}
	status := m.Run()
	closePostgres()
	closeBroker()
	os.Exit(status)
}

// caddyCommand is `caddy args…` in a folder, which is its home too.
func caddyCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Dir = dir
	// Built with -race a process would linger for a second at its end.
	cmd.Env = append(os.Environ(), asCaddy+"=1", "GORACE=atexit_sleep_ms=0", "KIT_DIR="+dir, "HOME="+dir, "XDG_DATA_HOME="+dir+"/data", "XDG_CONFIG_HOME="+dir+"/config")
	return cmd
}

// shortDir is a folder for sockets, whose paths have at most 108 bytes.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "dw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// output takes what a process writes while the test reads it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// server is a Caddy in a process of its own.
type server struct {
	*door
	cmd   *exec.Cmd
	log   *output
	ended chan struct{}
}

// launch starts `caddy run` with a Caddyfile and does not wait for it.
func launch(t testing.TB, dir, config string) *server {
	t.Helper()
	s := prepare(t, dir, config)
	s.begin()
	return s
}

// prepare makes the command, with more in its environment.
func prepare(t testing.TB, dir, config string, env ...string) *server {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "Caddyfile"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &server{
		cmd: caddyCommand(context.Background(), dir, "run", "--config", "Caddyfile"), log: new(output), ended: make(chan struct{}),
		door: &door{Caddy: &caddytestkit.Caddy{Dir: dir}, client: unixClient(t, filepath.Join(dir, "gate.sock")), name: "alice", t: t},
	}
	s.cmd.Env = append(s.cmd.Env, env...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	return s
}

func (s *server) begin() {
	s.t.Helper()
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { _ = s.cmd.Wait(); close(s.ended) }()
	s.t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.ended
		if s.t.Failed() {
			s.t.Logf("the log of the server:\n%s", s.log)
		}
	})
}

// startServer starts `caddy run` and waits until it can decide.
func startServer(t testing.TB, dir, config string) *server {
	t.Helper()
	s := launch(t, dir, config)
	s.awaitReady()
	return s
}

func (s *server) awaitReady() {
	s.t.Helper()
	pollUntil(s.t, 30*time.Second, "the server is ready", func() bool {
		resp, err := s.client.Get("http://gate/.doorward/ready")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// signal sends one and waits for the end; it gives the exit code.
func (s *server) signal(sig syscall.Signal) int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
	return s.exit()
}

func (s *server) exit() int {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		s.t.Fatalf("the server does not end; its log:\n%s", s.log)
	}
	return s.cmd.ProcessState.ExitCode()
}

// enrol makes the user, with a password.
func (s *server) enrol() {
	s.t.Helper()
	var u admin.UserWithPassword
	s.call("user/add", admin.AddUser{Name: s.name}, &u)
	s.password = u.Password
}

func unixClient(t testing.TB, path string) *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// linesWith are those of a text that hold a word.
func linesWith(text, word string) (found []string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			found = append(found, line)
		}
	}
	return found
}
