package faults

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
)

// footprint is what a gateway takes of the machine.
type footprint struct {
	Goroutines, Files, Threads, MB int
}

func (n *node) footprint() (f footprint) {
	n.t.Helper()
	pid := n.cmd.Process.Pid
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		n.t.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		n.t.Fatal(err)
	}
	f.Files = len(files)
	f.Threads = number(string(status), `Threads:\s+(\d+)`)
	f.MB = number(string(status), `VmRSS:\s+(\d+)`) / 1024
	f.Goroutines = number(n.metrics(), `(?m)^go_goroutines (\d+)`)
	return f
}

// metrics asks Caddy's admin endpoint.
func (n *node) metrics() string {
	n.t.Helper()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", n.dir+"/admin.sock")
		},
	}}
	resp, err := client.Get("http://127.0.0.1/metrics")
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return string(text)
}

func number(text, pattern string) int {
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		return -1
	}
	n, _ := strconv.Atoi(found[1])
	return n
}

// flat holds a footprint against the one before the fault.
func (x *experiment) flat(what string, before, now footprint) {
	x.t.Helper()
	x.note("before", before)
	x.note(what, now)
	if before.Goroutines <= 0 || now.Goroutines > before.Goroutines+80 || now.Files > before.Files+40 ||
		now.Threads > before.Threads+20 || now.MB > before.MB+64 {
		x.violate("%s: %+v, before: %+v", what, now, before)
	}
}
