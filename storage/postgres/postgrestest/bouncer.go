package postgrestest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Bouncer starts a PgBouncer in transaction mode before the server; it ends with
// the test. Through gives the DSN that leads through it.
func (c *Cluster) Bouncer(t testing.TB, settings ...string) *Bouncer {
	t.Helper()
	const path = "/usr/sbin/pgbouncer"
	if _, err := os.Stat(path); err != nil {
		t.Fatal("PgBouncer is missing: apt-get install pgbouncer")
	}
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	b := &Bouncer{server: fmt.Sprintf("127.0.0.1:%d", c.Port), address: fmt.Sprintf("127.0.0.1:%d", port)}
	lines := append([]string{
		"[databases]",
		fmt.Sprintf("* = host=127.0.0.1 port=%d user=doorward", c.Port),
		"[pgbouncer]",
		"listen_addr = 127.0.0.1",
		fmt.Sprintf("listen_port = %d", port),
		"unix_socket_dir =",
		"auth_type = any",
		"pool_mode = transaction",
	}, settings...)
	config := filepath.Join(c.Dir, "pgbouncer.ini")
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, config)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Pdeathsig: syscall.SIGKILL} // it refuses root, as PostgreSQL does
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("PgBouncer:\n%s", out.String())
		}
	})
	b.await(t)
	return b
}

// Bouncer is a PgBouncer.
type Bouncer struct{ server, address string }

// Through makes of a DSN of the server one that leads through the pooler.
func (b *Bouncer) Through(dsn string) string {
	return strings.Replace(dsn, b.server, b.address, 1)
}

func (b *Bouncer) await(t testing.TB) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); ; <-tick.C {
		c, err := net.Dial("tcp", b.address)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("PgBouncer does not start")
		}
	}
}
