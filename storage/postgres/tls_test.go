package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// authority signs certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its own certificate, for sslrootcert
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := authority{key: newKey(t), file: filepath.Join(t.TempDir(), "root.crt")}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign gives a certificate for host, and its key.
func (a authority) sign(t *testing.T, host string, until time.Time) (certificate, key []byte) {
	t.Helper()
	k := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, k.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// A connection is verified by default, up to the name: whoever sits between sees
// every secret of the store.
func TestTLS(t *testing.T) {
	good, bad := newAuthority(t), newAuthority(t)
	cluster := postgrestest.Start(t)
	certificate, key := good.sign(t, "db.example.com", time.Now().Add(time.Hour))
	cluster.TLS(t, certificate, key)
	database := strings.TrimSuffix(strings.SplitAfter(cluster.Database(t), "/")[3], "?sslmode=disable")
	dsn := func(host, more string) string {
		return fmt.Sprintf("host=%s hostaddr=127.0.0.1 port=%d user=doorward dbname=%s %s", host, cluster.Port, database, more)
	}
	for what, c := range map[string]struct {
		dsn   string
		words []string // nil: it works
	}{
		"verified":          {dsn("db.example.com", "sslmode=verify-full sslrootcert="+good.file), nil},
		"the authority":     {dsn("other.example.com", "sslmode=verify-ca sslrootcert="+good.file), nil},
		"another authority": {dsn("db.example.com", "sslmode=verify-full sslrootcert="+bad.file), []string{"can't be verified", "sslrootcert=FILE"}},
		"no authority":      {dsn("db.example.com", "sslmode=verify-full"), []string{"can't be verified", "sslrootcert=FILE"}},
		"another name":      {dsn("other.example.com", "sslmode=verify-full sslrootcert="+good.file), []string{"can't be verified", "db.example.com", "other.example.com"}},
		"an address":        {dsn("127.0.0.1", "sslmode=verify-full sslrootcert="+good.file), []string{"can't be verified", "127.0.0.1"}},
		"no file":           {dsn("db.example.com", "sslmode=verify-full sslrootcert=/nowhere/root.crt"), []string{"/nowhere/root.crt"}},
	} {
		t.Run(what, func(t *testing.T) {
			db, err := postgres.Open(t.Context(), postgres.Options{DSN: c.dsn})
			if c.words == nil {
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = db.Close() }()
				encrypted := 0
				other := cluster.Open(t, "postgres")
				defer func() { _ = other.Close() }()
				err := other.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
					WHERE a.application_name = 'doorward' AND NOT s.ssl`).Scan(&encrypted)
				if err != nil || encrypted != 0 {
					t.Errorf("%d connections are not encrypted, %v", encrypted, err)
				}
				return
			}
			refused(t, db, err, authcore.CodeInvalid, c.words...)
		})
	}
	t.Run("expired", func(t *testing.T) {
		certificate, key := good.sign(t, "db.example.com", time.Now().Add(-time.Hour))
		cluster.TLS(t, certificate, key)
		db, err := postgres.Open(t.Context(), postgres.Options{DSN: dsn("db.example.com", "sslmode=verify-full sslrootcert="+good.file)})
		refused(t, db, err, authcore.CodeInvalid, "can't be verified", "expired")
	})
}

func refused(t *testing.T, db any, err error, code authcore.Code, words ...string) {
	t.Helper()
	if authcore.CodeOf(err) != code {
		t.Errorf("got %v with code %s, want %s", err, authcore.CodeOf(err), code)
	}
	for _, word := range words {
		if !strings.Contains(authcore.MessageOf(err), word) {
			t.Errorf("%q does not say %q", authcore.MessageOf(err), word)
		}
	}
}

// A standby alone takes no writes: by default it is as good as away, and becomes
// the store when it is promoted.
func TestStandbyAlone(t *testing.T) {
	cluster := postgrestest.Start(t)
	open(t, postgres.Options{DSN: cluster.DSN("postgres")})
	standby := cluster.Standby(t)
	db, err := postgres.Open(t.Context(), postgres.Options{DSN: standby.DSN("postgres")})
	refused(t, db, err, authcore.CodeUnavailable)
	both := fmt.Sprintf("host=127.0.0.1,127.0.0.1 port=%d,%d user=doorward dbname=postgres", standby.Port, cluster.Port)
	first := open(t, postgres.Options{DSN: both})
	addUser(t, first, "before")
	copied := standby.Open(t, "postgres")
	defer func() { _ = copied.Close() }()
	eventually(t, "the standby has the user", func() bool { // or it is promoted without him
		n := 0
		err := copied.QueryRowContext(t.Context(), `SELECT count(*) FROM users WHERE id = 'before'`).Scan(&n)
		return err == nil && n == 1
	})
	cluster.Kill()
	db, err = postgres.Open(t.Context(), postgres.Options{DSN: both})
	refused(t, db, err, authcore.CodeUnavailable)
	standby.Promote(t)
	eventually(t, "the promoted standby takes writes", func() bool { return bump(first, "before") == nil })
	open(t, postgres.Options{DSN: standby.DSN("postgres")})
}
