package postgrestest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TLS turns ssl on, with a certificate and its key in PEM. Connections without
// it are served too.
func (c *Cluster) TLS(t testing.TB, certificate, key []byte) {
	t.Helper()
	for name, text := range map[string][]byte{"server.crt": certificate, "server.key": key} {
		path := filepath.Join(c.data(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if c.as != nil {
			if err := os.Chown(path, int(c.as.Uid), int(c.as.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, statement := range []string{
		`ALTER SYSTEM SET ssl = on`,
		`ALTER SYSTEM SET ssl_cert_file = 'server.crt'`,
		`ALTER SYSTEM SET ssl_key_file = 'server.key'`,
	} {
		c.Exec(t, "postgres", statement)
	}
	// Restarted, because a reload says neither when it is done nor whether it failed.
	c.Stop()
	if err := c.Run(); err != nil {
		t.Fatal(fmt.Errorf("with ssl: %w", err))
	}
}
