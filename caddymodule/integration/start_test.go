package integration

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// small is the smallest gateway: the default store, no settings.
func small(app string) string {
	config := caddyfile("", "api onlyoffice", "reverse_proxy "+app)
	return strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, "", 1)
}

// OPS-04, CRY-07: a first start makes its files where Caddy keeps its data, for
// its owner only, and no user that somebody could guess.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	s := startServer(t, dir, small("127.0.0.1:9"))
	data := filepath.Join(dir, "data", "caddy")
	for name, mode := range map[string]os.FileMode{
		"": 0o700, "doorward.db": 0o600, "doorward.db-wal": 0o600, "doorward.db-shm": 0o600, "doorward.db.key": 0o600, "doorward.db.lock": 0o600,
	} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil {
			t.Errorf("%q is missing: %v", name, err)
		} else if info.Mode().Perm() != mode {
			t.Errorf("%q has mode %o, want %o", name, info.Mode().Perm(), mode)
		}
	}
	for _, operation := range []string{"user/list", "device/list", "session/list"} {
		if out := []any{}; s.try(operation, struct{}{}, &out) != nil || len(out) != 0 {
			t.Errorf("%s of a new gateway: %v, want an empty list", operation, out)
		}
	}
	if status, text := s.post("/doorward/user/list", "{}"); status != http.StatusUnauthorized {
		t.Errorf("operating through the site: %d %s, want 401", status, text)
	}
}

// STO-02: a second process on the same database is refused, and says why.
func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	dir, other := shortDir(t), shortDir(t)
	config := caddyfile("", "api onlyoffice", "respond ok")
	first := startServer(t, dir, config)
	second := launch(t, other, strings.Replace(config, "{$KIT_DIR}/doorward.db", filepath.Join(dir, "doorward.db"), 1))
	if code := second.exit(); code != 1 {
		t.Errorf("the second one exits with %d, want 1", code)
	}
	if log := second.log.String(); !strings.Contains(log, "it is in use: a SQLite database serves one process") || strings.Contains(log, "panic") {
		t.Errorf("the second one says %s", log)
	}
	first.enrol()
	if status, _ := first.get("/"); status != http.StatusUnauthorized {
		t.Errorf("the first one answers %d after that, want 401", status)
	}
}

// REL-08, FI-19: a stop lets what runs end, leaves one file to copy, and the
// next start knows everybody.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	app := newBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(arrived)
			<-release
		}
		_, _ = io.WriteString(w, "done")
	})
	dir := shortDir(t)
	config := caddyfile("", "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	s := startServer(t, dir, config)
	s.enrol()
	device := s.addHOTP()
	status, token := s.login(device.code(0))
	if status != http.StatusCreated {
		t.Fatalf("the login gives %d", status)
	}
	answer := make(chan string, 1)
	go func() {
		status, text := s.get("/slow", "Authorization", token)
		answer <- http.StatusText(status) + " " + text
	}()
	<-arrived
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	pollUntil(t, 10*time.Second, "the server takes no new connection", func() bool {
		resp, err := unixClient(t, filepath.Join(dir, "gate.sock")).Get("http://gate/.doorward/health")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err != nil
	})
	close(release)
	if got := <-answer; got != "OK done" {
		t.Errorf("the request that was running got %q", got)
	}
	if code := s.exit(); code != 0 {
		t.Errorf("the exit code is %d, want 0", code)
	}
	if wal, err := os.Stat(filepath.Join(dir, "doorward.db-wal")); err == nil && wal.Size() > 0 {
		t.Errorf("%d bytes are left in the WAL", wal.Size())
	}
	again := startServer(t, dir, config)
	if status, text := again.get("/", "Authorization", token); status != http.StatusOK {
		t.Errorf("after a restart the token gives %d %s", status, text)
	}
	again.password = s.password
	if status, _ := again.login(device.code(0)); status != http.StatusUnauthorized {
		t.Errorf("after a restart a used code gives %d, want 401", status)
	}
	if code := again.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("the second exit code is %d, want 0", code)
	}
}

// What is acknowledged survives kill -9.
func TestKilledServerForgetsNothing(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	config := caddyfile("", "api onlyoffice", "respond ok")
	s := startServer(t, dir, config)
	s.enrol()
	device := s.addHOTP()
	s.wrong(device, 2)
	_, token := s.login(device.code(0))
	s.call("device/block", admin.DeviceRef{Device: device.Serial}, new(admin.Device))
	if code := s.signal(syscall.SIGKILL); code == 0 {
		t.Error("it was not killed")
	}
	again := startServer(t, dir, config)
	if a := again.shown(device.Serial); a.Status != "blocked" || a.WrongCodesTotal != 2 {
		t.Errorf("after kill -9 the device is %+v", a)
	}
	if status, _ := again.get("/", "Authorization", token); status != http.StatusUnauthorized {
		t.Errorf("after kill -9 the token of a blocked device gives %d, want 401", status)
	}
}

// Requests that come while a new gateway starts are refused as at any time, and
// never with a server error (facts/caddy.md A: they may precede Start).
func TestRequestsRaceWithTheStart(t *testing.T) {
	t.Parallel()
	s := launch(t, shortDir(t), caddyfile("", "api onlyoffice\nopen /open", `respond "ok"`))
	want := map[string]int{"/": http.StatusUnauthorized, "/open": http.StatusOK, "/.doorward/health": http.StatusOK, "/.doorward/jwks.json": http.StatusOK}
	answers := 0
	pollUntil(t, 30*time.Second, "a few rounds were answered", func() bool {
		for path, status := range want {
			resp, err := s.client.Get("http://gate" + path)
			if err != nil {
				continue // it does not listen yet
			}
			_ = resp.Body.Close()
			answers++
			if resp.StatusCode != status {
				t.Errorf("answer %d: %s gives %d, want %d", answers, path, resp.StatusCode, status)
			}
		}
		return answers >= 40
	})
}
