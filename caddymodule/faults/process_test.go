package faults

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// status reads a number of /proc/<pid>/status, like VmHWM: kibibytes.
func (n *node) status(name string) int {
	n.t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var value int
		if rest, ok := strings.CutPrefix(lines.Text(), name+":"); ok {
			_, _ = fmt.Sscan(rest, &value)
			return value
		}
	}
	n.t.Fatalf("/proc/%d/status has no %s", n.cmd.Process.Pid, name)
	return 0
}

// peak is the most memory that the process ever had, in MiB.
func (n *node) peak() int { return n.status("VmHWM") >> 10 }

// files is how many the process has open.
func (n *node) files() int {
	n.t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", n.cmd.Process.Pid))
	if err != nil {
		n.t.Fatal(err)
	}
	return len(open)
}

// goroutines asks Caddy's own metrics.
func (n *node) goroutines() (count int) {
	n.t.Helper()
	resp, err := n.operator().Get("http://admin/metrics")
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "go_goroutines "); ok {
			_, _ = fmt.Sscan(rest, &count)
		}
	}
	if count == 0 {
		n.t.Fatal("the metrics have no go_goroutines")
	}
	return count
}

// operator is a client of the admin endpoint itself. It keeps no connection.
func (n *node) operator() *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(n.dir, "admin.sock"))
		},
	}}
}

// database is the file of a node whose store is "sqlite doorward.db".
func (n *node) database() string { return filepath.Join(n.dir, "doorward.db") }

// tool finds a program, or says how to install it.
func tool(t interface{ Fatalf(string, ...any) }, name, pkg string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: apt-get install %s", name, pkg)
	}
	return path
}
