package postgres

import (
	"os"
	"testing"

	"github.com/lib/pq"

	"github.com/doorward/doorward/authcore"
)

// What a DSN leaves out is verified TLS and the primary, unless every host is
// this machine; what it says, or the environment, stands.
func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		dsn, env  string // PGSSLMODE
		mode      pq.SSLMode
		attribute pq.TargetSessionAttrs
	}{
		{"postgres://u@db.example.com/d", "", "verify-full", "primary"},
		{"postgresql://u@db.example.com/d", "", "verify-full", "primary"},
		{"postgres://u:p%23w@db.example.com:6432/d?application_name=x", "", "verify-full", "primary"},
		{"postgres://u@10.0.0.1/d", "", "verify-full", "primary"},
		{"postgres://u@[2001:db8::1]:5432/d", "", "verify-full", "primary"},
		{"postgres://u@0.0.0.0/d", "", "verify-full", "primary"},
		{"postgres://u@localhost.example.com/d", "", "verify-full", "primary"},
		{"postgres://u@127.0.0.1.example.com/d", "", "verify-full", "primary"},
		{"postgres://u@LOCALHOST.evil/d", "", "verify-full", "primary"},
		{"host=db.example.com user=u dbname=d", "", "verify-full", "primary"},
		{"host='db.example.com' user=u password='a b' dbname=d", "", "verify-full", "primary"},
		{"postgres://u@db.example.com/d?sslmode=require", "", "require", "primary"},
		{"postgres://u@db.example.com/d?sslmode=disable", "", "disable", "primary"},
		{"host=db.example.com sslmode=verify-ca", "", "verify-ca", "primary"},
		{"host=db.example.com sslrootcert=system", "", "verify-full", "primary"},
		{"postgres://u@db.example.com/d?target_session_attrs=any", "", "verify-full", "any"},
		{"host=db.example.com target_session_attrs=read-write", "", "verify-full", "read-write"},
		// this machine
		{"postgres://u@localhost/d", "", "disable", "primary"},
		{"postgres://u@127.0.0.1:5433/d", "", "disable", "primary"},
		{"postgres://u@127.9.9.9/d", "", "disable", "primary"},
		{"postgres://u@[::1]:5432/d", "", "disable", "primary"},
		{"user=u dbname=d", "", "disable", "primary"}, // libpq's default is localhost
		{"postgres:///d?host=/run/postgresql", "", "disable", "primary"},
		{"host=/run/postgresql dbname=d", "", "disable", "primary"},
		{"host=@abstract dbname=d", "", "disable", "primary"},
		{"postgres://u@localhost/d?sslmode=verify-full", "", "verify-full", "primary"},
		// several hosts: the farthest counts
		{"postgres://u@db1.example.com,db2.example.com/d", "", "verify-full", "primary"},
		{"postgres://u@localhost,db2.example.com/d", "", "verify-full", "primary"},
		{"host=127.0.0.1,10.0.0.2 port=5432,5433", "", "verify-full", "primary"},
		{"host=127.0.0.1,localhost port=5432,5433", "", "disable", "primary"},
		{"host=/run/postgresql,/run/other", "", "disable", "primary"},
		// where a name leads counts, not the name
		{"host=db.example.com hostaddr=127.0.0.1", "", "disable", "primary"},
		{"host=localhost hostaddr=10.0.0.1", "", "verify-full", "primary"},
		{"hostaddr=10.0.0.1 dbname=d", "", "verify-full", "primary"},
		{"hostaddr=127.0.0.1 dbname=d", "", "disable", "primary"},
		// the environment
		{"postgres://u@db.example.com/d", "require", "require", "primary"},
		{"postgres://u@localhost/d", "verify-full", "verify-full", "primary"},
		{"postgres://u@db.example.com/d?sslmode=verify-full", "disable", "verify-full", "primary"},
	} {
		t.Run(c.dsn+" "+c.env, func(t *testing.T) {
			for _, name := range []string{"PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGTARGETSESSIONATTRS", "PGSERVICE"} {
				t.Setenv(name, "") // set back at the end
				if err := os.Unsetenv(name); err != nil {
					t.Fatal(err)
				}
			}
			if c.env != "" {
				t.Setenv("PGSSLMODE", c.env)
			}
			full, err := complete(c.dsn)
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := pq.NewConfig(full)
			if err != nil {
				t.Fatal(err)
			}
			if cfg.SSLMode != c.mode || cfg.TargetSessionAttrs != c.attribute {
				t.Errorf("sslmode=%s target_session_attrs=%s, want %s and %s: %s", cfg.SSLMode, cfg.TargetSessionAttrs, c.mode, c.attribute, full)
			}
			if cfg.ConnectTimeout == 0 || !cfg.BinaryParameters {
				t.Errorf("connect_timeout %s, binary_parameters %v", cfg.ConnectTimeout, cfg.BinaryParameters)
			}
		})
	}
}

// lib/pq switches TLS off for all hosts when the first is a socket, whatever
// sslmode says: what is then sent to the others could be read. And it never finds
// an IPv6 address without a port.
func TestHostsRefused(t *testing.T) {
	for _, dsn := range []string{
		"host=/run/postgresql,db.example.com",
		"host=/run/postgresql,db.example.com sslmode=verify-full",
		"host=@abstract,10.0.0.1",
		"host=db.example.com,/run/postgresql",
		"postgres://u@[2001:db8::1]/d",
	} {
		if err := Check(dsn); authcore.CodeOf(err) != authcore.CodeInvalid {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
