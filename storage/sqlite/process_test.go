package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/sqlite"
)

// childPath is the environment variable that makes this test binary a process
// which holds the database it names and writes to it.
const childPath = "DOORWARD_TEST_CHILD_PATH"

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		fmt.Fprintln(os.Stderr, writeForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever makes users and prints the number of each when its commit has
// been acknowledged.
func writeForever(path string) error {
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
	if err != nil {
		return err
	}
	pid := os.Getpid()
	for i := 0; ; i++ {
		id := fmt.Sprintf("%d-%d", pid, i)
		if err := create(db, id); err != nil {
			return err
		}
		if _, err := fmt.Println(id); err != nil {
			return err
		}
	}
}

type child struct {
	cmd  *exec.Cmd
	acks *bufio.Scanner
}

func startChild(t *testing.T, path string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childPath+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd, bufio.NewScanner(out)}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _, _ = io.Copy(io.Discard, out); _ = cmd.Wait() })
	return c
}

// next waits for n more acknowledged rows.
func (c *child) next(t *testing.T, n int) (ids []string) {
	t.Helper()
	for len(ids) < n {
		if !c.acks.Scan() {
			t.Fatalf("the child ended: %v", c.acks.Err())
		}
		ids = append(ids, c.acks.Text())
	}
	return ids
}

// kill is kill -9. It gives the rows that were acknowledged before it struck.
func (c *child) kill(t *testing.T) (ids []string) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for c.acks.Scan() {
		ids = append(ids, c.acks.Text())
	}
	return ids
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	c := startChild(t, path)
	c.next(t, 1)
	refused(t, path, authcore.CodeConflict, "in use", "stop the other one", "a file of its own")
	c.kill(t)
	if err := c.cmd.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	open(t, path) // a dead process holds no lock
}

func TestSecondOpen(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a.db"), filepath.Join(dir, "link.db")
	db := open(t, path)
	refused(t, path, authcore.CodeConflict, "in use")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), sqlite.Options{Path: link}); authcore.CodeOf(err) != authcore.CodeConflict {
		t.Errorf("through a link: %v, want conflict", err)
	}
	if err := create(db, "1"); err != nil {
		t.Errorf("the refused ones disturbed the first: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, link)
}

// TestKilled: whatever was acknowledged is there after a kill -9.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	var acked []string
	for round := range 4 {
		c := startChild(t, path)
		acked = append(acked, c.next(t, 10+20*round)...)
		acked = append(acked, c.kill(t)...)
		_ = c.cmd.Wait()
	}
	db := open(t, path)
	for _, id := range acked {
		if !exists(t, db, id) {
			t.Errorf("the acknowledged user %s is gone", id)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	look := raw(t, path)
	defer look.Close()
	var verdict string
	if err := look.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s %v", verdict, err)
	}
}
