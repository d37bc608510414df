package postgrestest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Standby makes a server that follows c by streaming replication, and ends with
// the test. c needs no setting for it: Debian's defaults allow it.
func (c *Cluster) Standby(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	s, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	upstream := fmt.Sprintf("host=127.0.0.1 port=%d user=doorward application_name=standby", c.Port)
	if err := s.run("pg_basebackup", "-D", s.data(), "-d", upstream, "-c", "fast", "-X", "stream", "--no-sync"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.data(), "standby.signal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s.as != nil {
		if err := os.Chown(filepath.Join(s.data(), "standby.signal"), int(s.as.Uid), int(s.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.configure(append(settings, fmt.Sprintf("primary_conninfo = '%s'", upstream))...); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Promote makes a standby the primary.
func (c *Cluster) Promote(t testing.TB) {
	t.Helper()
	c.Exec(t, "postgres", "SELECT pg_promote()")
}
