//go:build faults

package faults

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

// onSmallDisk makes a gateway whose store is on a disk of its own, of 6 MiB,
// that nobody else sees and that goes with it.
func onSmallDisk(t *testing.T) (n *node, disk string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this experiment mounts a disk: run it as root, as with sudo make faults")
	}
	mount := t.TempDir()
	n = newWorld(t, "sqlite "+mount+"/doorward.db").prepare()
	n.wrap = []string{
		tool(t, "unshare", "util-linux"), "--mount", "sh", "-c",
		`mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"`, mount,
	}
	n.run()
	n.awaitReady()
	return n, fmt.Sprintf("/proc/%d/root%s", n.cmd.Process.Pid, mount)
}

// FI-15: a full disk. The audit rows of operators take what room is left in the
// files, so that the next write needs more.
func TestDiskIsFull(t *testing.T) {
	x := begin(t, "FI-15")
	n, disk := onSmallDisk(t)
	p := n.enrol("alice", 1)
	n.enrol("bob", 0)
	token := n.mustLogin(p)
	if status, _ := n.get("/", token); status != http.StatusOK {
		t.Fatalf("a request gives %d", status)
	}
	for round := range 2 {
		fill(t, filepath.Join(disk, "ballast"))
		full := x.until(30*time.Second, "the disk is full", func() bool {
			return n.write() != nil
		})
		x.note(fmt.Sprintf("full_after_ms_%d", round), full.Milliseconds())
		guessOnFullDisk(x, n, p)
		if status, _ := n.get("/", token); status != http.StatusOK {
			x.violate("a known session gives %d on a full disk", status)
		}
		if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
			t.Fatal(err)
		}
		code := p.devices[0].code()
		healed := x.until(5*time.Second, "logins work again", func() bool {
			status, _ := n.login(p, code)
			return status == http.StatusCreated
		})
		x.note(fmt.Sprintf("healed_ms_%d", round), healed.Milliseconds())
		whole := look(x, copyOf(t, filepath.Join(disk, "doorward.db"), t.TempDir()))
		if whole.refusal != nil || whole.wrong != "" {
			x.violate("the database is not whole: %v %s", whole.refusal, whole.wrong)
		}
	}
	if log := n.log.String(); strings.Contains(log, "panic") {
		x.violate("the gateway panicked")
	}
}

// guessOnFullDisk: a wrong code that is answered was counted before, and the
// others get 503.
func guessOnFullDisk(x *experiment, n *node, p *person) {
	x.t.Helper()
	before, answered := n.wrongCodes(p), 0
	for range 6 {
		began := time.Now()
		status, token := n.login(p, "000000")
		x.took(time.Since(began), 3*time.Second, "a login on a full disk")
		switch status {
		case http.StatusUnauthorized:
			answered++
		case http.StatusServiceUnavailable:
			x.ack()
		default:
			x.violate("a wrong code gives %d %q", status, token)
		}
	}
	if counted := n.wrongCodes(p) - before; counted < answered {
		x.violate("%d wrong codes were answered and %d counted", answered, counted)
	}
	if status, _ := n.login(p, p.devices[0].codeAt(p.devices[0].next.Load())); status != http.StatusServiceUnavailable {
		x.violate("the right code gives %d on a full disk, want 503", status)
	}
}

// write makes the store grow, and says whether it could.
func (n *node) write() error {
	return errors.Join(n.call("user/disable", admin.UserRef{User: "bob"}, nil), n.call("user/enable", admin.UserRef{User: "bob"}, nil))
}

func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, size := range []int{1 << 16, 1 << 12, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
}

// FI-15: the disk becomes read-only, or gives errors, under the open files. A
// mount can't be made read-only while they are open; the kernel does that by
// itself after an error. So strace lets the calls fail as they do then.
func TestDiskFails(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this experiment traces another process: run it as root, as with sudo make faults")
	}
	strace := tool(t, "strace", "strace")
	for _, fault := range []string{"EROFS", "EIO"} {
		t.Run(fault, func(t *testing.T) {
			x := begin(t, "FI-15")
			n := newWorld(t, "sqlite doorward.db").start()
			p := n.enrol("alice", 1)
			n.enrol("bob", 0)
			token := n.mustLogin(p)
			if status, _ := n.get("/", token); status != http.StatusOK {
				t.Fatalf("a request gives %d", status)
			}
			tracer := exec.Command(strace, "-f", "-o", "/dev/null", "-p", fmt.Sprint(n.cmd.Process.Pid),
				"-P", n.database(), "-P", n.database()+"-wal", "-e", "inject=pwrite64,write,fsync,fdatasync,ftruncate:error="+fault)
			if err := tracer.Start(); err != nil {
				t.Fatal(err)
			}
			stop := func() { _ = tracer.Process.Signal(syscall.SIGTERM); _ = tracer.Wait() }
			defer stop()
			x.until(10*time.Second, "writes fail", func() bool {
				return n.write() != nil
			})
			unwritable(x, n, p, token)
			stop()
			writableAgain(x, n, p)
		})
	}
}
