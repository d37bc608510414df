package postgres

import (
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/lib/pq"

	"github.com/doorward/doorward/authcore"
)

// Check says what is wrong with a DSN, without connecting. CodeInvalid.
func Check(dsn string) error {
	_, err := complete(dsn)
	return err
}

// complete adds what a DSN leaves to us. lib/pq takes more from the environment
// (PGHOST, PGPASSWORD, …), and what stands there counts as given.
func complete(dsn string) (string, error) {
	cfg, err := pq.NewConfig(dsn)
	if err != nil { // its text may show a part of the password
		return "", authcore.Errorf(authcore.CodeInvalid, "the DSN of PostgreSQL can't be read: write "+
			"postgres://user:password@host:5432/database?sslmode=verify-full, with signs in the password as %%XX, or key=value pairs")
	}
	if err := checkHosts(cfg); err != nil {
		return "", err
	}
	add := url.Values{}
	if cfg.SSLMode == "" {
		mode := pq.SSLModeVerifyFull
		if onLoopback(cfg) {
			mode = pq.SSLModeDisable
		}
		add.Set("sslmode", string(mode))
	}
	if cfg.TargetSessionAttrs == "" { // a standby would serve reads, late, and no login
		add.Set("target_session_attrs", string(pq.TargetSessionAttrsPrimary))
	}
	if cfg.ApplicationName == "" {
		add.Set("application_name", "doorward")
	}
	if cfg.ConnectTimeout == 0 {
		add.Set("connect_timeout", "2")
	}
	// A query with arguments then costs one round trip, and no pooler has to
	// remember a prepared one.
	add.Set("binary_parameters", "yes")
	return with(dsn, add)
}

func with(dsn string, add url.Values) (string, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		u, err := url.Parse(dsn)
		if err != nil {
			return "", authcore.Errorf(authcore.CodeInvalid, "the DSN of PostgreSQL is no URL")
		}
		q := u.Query()
		for k := range add {
			q.Set(k, add.Get(k))
		}
		u.RawQuery = q.Encode()
		return u.String(), nil
	}
	for k := range add {
		dsn += " " + k + "=" + add.Get(k)
	}
	return dsn, nil
}

func hosts(cfg pq.Config) []pq.ConfigMultihost {
	return append([]pq.ConfigMultihost{{Host: cfg.Host, Hostaddr: cfg.Hostaddr}}, cfg.Multi...)
}

// checkHosts refuses what lib/pq would take otherwise than it reads.
func checkHosts(cfg pq.Config) error {
	all, sockets := hosts(cfg), 0
	for _, h := range all {
		if !h.Hostaddr.IsValid() && (filepath.IsAbs(h.Host) || strings.HasPrefix(h.Host, "@")) {
			sockets++
		}
		if strings.HasPrefix(h.Host, "[") { // it keeps the brackets, and then finds no such host
			return authcore.Errorf(authcore.CodeInvalid, "the DSN of PostgreSQL: name the port too behind an IPv6 address, as in [::1]:5432")
		}
	}
	if sockets != 0 && sockets != len(all) { // if the first is one, it switches TLS off for all, whatever sslmode says
		return authcore.Errorf(authcore.CodeInvalid, "the DSN of PostgreSQL names sockets and other hosts: name only one kind, for sockets have no TLS")
	}
	return nil
}

func onLoopback(cfg pq.Config) bool {
	for _, h := range hosts(cfg) {
		address := h.Hostaddr
		if !address.IsValid() && h.Host != "localhost" {
			address, _ = netip.ParseAddr(h.Host)
		}
		if address.IsValid() && !address.IsLoopback() || !address.IsValid() && h.Host != "localhost" {
			return false
		}
	}
	return true
}
