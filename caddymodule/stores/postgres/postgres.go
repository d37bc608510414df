// Package postgres is the guest doorward.stores.postgres: one database for any
// number of nodes.
package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres"
)

func init() { caddy.RegisterModule(new(Postgres)) }

// Postgres keeps everything in a PostgreSQL database, version 13 or newer. All
// nodes must have the same seal keys.
type Postgres struct {
	// DSN of the database, best as a placeholder like {env.DATABASE_URL}:
	// postgres://user:password@host:5432/database, or key=value pairs. TLS is
	// verified (sslmode=verify-full) unless the host is loopback or another
	// sslmode is named.
	DSN string `json:"dsn,omitempty"`

	// The same database past a pooler that can't pass notifications on, as
	// PgBouncer in transaction mode. Default: DSN.
	ListenDSN string `json:"listen_dsn,omitempty"`

	log *slog.Logger
}

// CaddyModule returns the module's ID.
func (*Postgres) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.stores.postgres", New: func() caddy.Module { return new(Postgres) }}
}

// Provision reads the placeholders. It opens no connection.
func (p *Postgres) Provision(ctx caddy.Context) (err error) {
	p.log = ctx.Slogger()
	if p.DSN == "" {
		return fmt.Errorf("store postgres needs a DSN, like {env.DATABASE_URL}")
	}
	if p.DSN, err = resolve("store postgres", p.DSN); err != nil || p.ListenDSN == "" {
		return err
	}
	p.ListenDSN, err = resolve("listen_dsn", p.ListenDSN)
	return err
}

// resolve quotes a placeholder in its error, and never what it stands for.
func resolve(word, dsn string) (string, error) {
	text, err := caddy.NewReplacer().ReplaceOrErr(dsn, true, true)
	if err != nil && strings.HasPrefix(dsn, "{") && strings.Index(dsn, "}") == len(dsn)-1 {
		return "", fmt.Errorf("%s '%s' is empty or not known", word, dsn)
	}
	if err != nil {
		return "", fmt.Errorf("%s: a placeholder in it is empty or not known", word)
	}
	if err := postgres.Check(strings.TrimSpace(text)); err != nil {
		return "", fmt.Errorf("%s: %s", word, authcore.MessageOf(err))
	}
	return strings.TrimSpace(text), nil
}

// StoreKey is made of the DSNs.
func (p *Postgres) StoreKey() string { return "postgres:" + p.DSN + "\n" + p.ListenDSN }

// OpenStore connects and migrates.
func (p *Postgres) OpenStore(ctx context.Context) (authcore.Store, error) {
	return postgres.Open(ctx, postgres.Options{DSN: p.DSN, ListenDSN: p.ListenDSN, Log: p.log})
}

// UnmarshalCaddyfile sets up the store from Caddyfile tokens:
//
//	store postgres <dsn> {
//		listen_dsn <dsn>
//	}
func (p *Postgres) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the store's name
	if err := argument(d, "store postgres", &p.DSN); err != nil {
		return err
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if d.Val() != "listen_dsn" {
			return d.Errf("unrecognized option '%s' of store postgres, which knows listen_dsn", d.Val())
		}
		if p.ListenDSN != "" {
			return d.Err("'listen_dsn' is already specified")
		}
		if err := argument(d, "listen_dsn", &p.ListenDSN); err != nil {
			return err
		}
	}
	return nil
}

// argument takes one DSN. It is judged here, where file and line are known,
// unless it is known only where the server runs.
func argument(d *caddyfile.Dispenser, word string, dsn *string) error {
	if !d.NextArg() || d.Val() == "" {
		return d.Errf("'%s' needs a DSN, like {env.DATABASE_URL}", word)
	}
	*dsn = d.Val()
	if d.NextArg() { // which may be the rest of a DSN: not quoted
		return d.Errf("'%s' takes one DSN: quote it if it has spaces", word)
	}
	if strings.Contains(*dsn, "{") {
		return nil
	}
	if err := postgres.Check(*dsn); err != nil {
		return d.Errf("%s: %s", word, authcore.MessageOf(err))
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*Postgres)(nil)
	_ caddyfile.Unmarshaler = (*Postgres)(nil)
	_ authcore.StoreGuest   = (*Postgres)(nil)
)
