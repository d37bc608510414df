package browser

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// asCaddy makes this test binary the program that cmd/caddy is.
const asCaddy = "DOORWARD_TEST_AS_CADDY"

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

// makeRun is `make run`, with this test binary as bin/caddy, until stop.
func makeRun(t *testing.T, dir, port string) (said *output, stop func()) {
	t.Helper()
	for name, text := range map[string]string{
		"cmd/run/run.sh": file(t, "cmd/run/run.sh"), "Caddyfile.example": file(t, "Caddyfile.example"),
		"bin/caddy": fmt.Sprintf("#!/bin/sh\n%s=1 exec %q \"$@\"\n", asCaddy, os.Args[0]),
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	said = new(output)
	cmd := exec.Command(filepath.Join(dir, "cmd/run/run.sh"))
	cmd.Env = append(os.Environ(), "PORT="+port, "HOME="+dir, "GORACE=atexit_sleep_ms=0")
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop = sync.OnceFunc(func() {
		t.Helper()
		_ = cmd.Process.Signal(syscall.SIGTERM) // it stops the server too
		if err := <-ended; err != nil || !strings.Contains(said.String(), "Stopped.") {
			t.Errorf("the script ends with %v and says %s", err, said)
		}
	})
	t.Cleanup(stop)
	return said, stop
}

// TestNewcomer does what `make run` says, and nothing else, with a browser.
func TestNewcomer(t *testing.T) {
	dir, err := os.MkdirTemp("", "dw") // short: the path of a socket has at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port := freePort(t)
	said, stop := makeRun(t, dir, port)
	await(t, "the script says how to go on", func() bool { return strings.Contains(said.String(), "A program logs in") })
	say := regexp.MustCompile(`(?s)Open (\S+) in a browser.*  user +(\S+)\n +password +(\S+)\n.*  (oathtool --totp --base32) KEY\n`).FindStringSubmatch(said.String())
	if say == nil {
		t.Fatalf("the script says %s", said)
	}
	w := (&door{url: say[1], t: t}).window()
	w.goes("/")
	w.fill("name", say[2])
	w.fill("password", say[3])
	w.press("main form button")
	w.at("enrol")
	w.press(`form[action$="enrol/app"] button`)
	key := value[string](w, `document.querySelector(".key").textContent.replace(/\s/g, "")`)
	code := run(t, nil, "bash", "-euc", say[4]+" "+key)
	w.fill("code", code)
	w.press("main form button")
	w.until(`document.body.innerText.includes("You are in, demo.")`)
	stop()

	said, _ = makeRun(t, dir, port)
	await(t, "the second start is finished", func() bool { return strings.Contains(said.String(), "The users are as they were") })
	w.goes("/") // the session is still one
	w.until(`document.body.innerText.includes("You are in, demo.")`)
}
