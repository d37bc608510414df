// Package postgrestest starts throw-away PostgreSQL servers for tests: real
// ones, that can be frozen, killed and followed by a standby.
package postgrestest

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver "postgres", to ask from outside
)

// install is what to type when PostgreSQL is not there.
const install = "apt-get install postgresql"

// Cluster is one server with a data folder of its own.
type Cluster struct {
	Dir  string // for sockets too; the data is in Dir/data
	Port int    // on 127.0.0.1
	cmd  *exec.Cmd
	as   *syscall.Credential // nil: as we are
	made atomic.Int64        // databases
}

// Start makes a cluster and starts it; it ends with the test. Further lines of
// postgresql.conf may be given.
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c, err := New(settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// New is Start for a TestMain or a command; Close ends it.
func New(settings ...string) (*Cluster, error) {
	c, err := empty()
	if err != nil {
		return nil, err
	}
	// Nothing here must survive a power cut, so nothing waits for a disk.
	err = c.run("initdb", "-D", c.data(), "-U", "doorward", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err == nil {
		// Memory that servers share would outlive one that is killed, but not in its folder.
		err = c.configure(append([]string{"fsync = off", "shared_buffers = 32MB", "dynamic_shared_memory_type = mmap"}, settings...)...)
	}
	if err == nil {
		err = c.Run()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// empty makes the folder, which belongs to whom the server will run as:
// PostgreSQL refuses to run as root.
func empty() (*Cluster, error) {
	dir, err := os.MkdirTemp("", "dwpg")
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: dir}
	if os.Geteuid() == 0 {
		for _, name := range []string{"postgres", "nobody"} {
			if u, err := user.Lookup(name); err == nil {
				uid, _ := strconv.ParseUint(u.Uid, 10, 32)
				gid, _ := strconv.ParseUint(u.Gid, 10, 32)
				c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
				return c, os.Chown(dir, int(uid), int(gid))
			}
		}
	}
	return c, nil
}

func (c *Cluster) data() string { return filepath.Join(c.Dir, "data") }

// configure adds lines to postgresql.conf, with a free port.
func (c *Cluster) configure(settings ...string) error {
	port, err := FreePort()
	if err != nil {
		return err
	}
	c.Port = port
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	for _, line := range append(settings, "listen_addresses = '127.0.0.1'", fmt.Sprintf("port = %d", c.Port),
		fmt.Sprintf("unix_socket_directories = '%s'", c.Dir)) {
		if _, err := fmt.Fprintln(f, line); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}

// program finds one of PostgreSQL's, which Debian keeps out of the PATH.
func program(name string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1], nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is missing: %s", name, install)
	}
	return path, nil
}

func (c *Cluster) command(name string, args ...string) (*exec.Cmd, error) {
	path, err := program(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = c.Dir
	// The server goes when the test that started it dies.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Pdeathsig: syscall.SIGQUIT}
	return cmd, nil
}

func (c *Cluster) run(name string, args ...string) error {
	cmd, err := c.command(name, args...)
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// DSN names a database of this cluster, over TCP.
func (c *Cluster) DSN(database string) string {
	return fmt.Sprintf("postgres://doorward@127.0.0.1:%d/%s?sslmode=disable", c.Port, database)
}

// Database makes a new and empty database and gives its DSN.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	dsn, err := c.Create(fmt.Sprintf("test%d", c.made.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// Create makes a new and empty database and gives its DSN.
func (c *Cluster) Create(name string) (dsn string, err error) {
	db, err := sql.Open("postgres", c.DSN("postgres"))
	if err != nil {
		return "", err
	}
	_, err = db.Exec("CREATE DATABASE " + name)
	return c.DSN(name), errors.Join(err, db.Close())
}

// Exec runs a statement, beside the gateway.
func (c *Cluster) Exec(t testing.TB, database, statement string) {
	t.Helper()
	db := c.Open(t, database)
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Open connects to a database, beside the gateway.
func (c *Cluster) Open(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", c.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// answers says whether the server takes connections.
func (c *Cluster) answers() bool {
	db, err := sql.Open("postgres", c.DSN("postgres")+"&connect_timeout=2")
	if err != nil {
		return false
	}
	defer func() { _ = db.Close() }()
	return db.Ping() == nil
}

func (c *Cluster) await() error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(30 * time.Second)
	for !c.answers() {
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(c.Dir, "log"))
			return fmt.Errorf("PostgreSQL does not start:\n%s", log)
		}
		<-tick.C
	}
	return nil
}

// Close ends the server at once and removes its folder.
func (c *Cluster) Close() {
	if c.cmd != nil {
		c.Thaw()
		c.Kill()
	}
	if err := os.RemoveAll(c.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
}
