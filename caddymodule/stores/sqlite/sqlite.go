// Package sqlite is the guest doorward.stores.sqlite: one database file for one
// process. It is the default.
package sqlite

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/sqlite"
)

func init() { caddy.RegisterModule(new(SQLite)) }

// SQLite keeps everything in one file.
type SQLite struct {
	// Path of the database file. A seal key is made beside it, as PATH.key,
	// unless one is configured. Default: doorward.db in Caddy's data folder.
	Path string `json:"path,omitempty"`
}

// CaddyModule returns the module's ID.
func (*SQLite) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.stores.sqlite", New: func() caddy.Module { return new(SQLite) }}
}

// Provision resolves the path. It touches no file.
func (s *SQLite) Provision(caddy.Context) error {
	path, err := caddy.NewReplacer().ReplaceOrErr(s.Path, true, true)
	if err != nil {
		return fmt.Errorf("store sqlite %q: %v", s.Path, err)
	}
	if path == "" {
		path = filepath.Join(caddy.AppDataDir(), "doorward.db")
	}
	s.Path, err = filepath.Abs(path)
	return err
}

// StoreKey is the path.
func (s *SQLite) StoreKey() string { return "sqlite:" + s.Path }

// OpenStore opens and migrates the file.
func (s *SQLite) OpenStore(ctx context.Context) (authcore.Store, error) {
	return sqlite.Open(ctx, sqlite.Options{Path: s.Path})
}

// SealKey reads or makes PATH.key.
func (s *SQLite) SealKey() ([]byte, error) { return sqlite.SealKey(s.Path) }

// UnmarshalCaddyfile sets up the store from Caddyfile tokens:
//
//	store sqlite [<path>]
func (s *SQLite) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the store's name
	if d.NextArg() {
		s.Path = d.Val()
	}
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': store sqlite takes one path", d.Val())
	}
	for d.NextBlock(d.Nesting()) {
		return d.Errf("unrecognized option '%s': store sqlite has no block", d.Val())
	}
	return nil
}

var (
	_ caddy.Provisioner      = (*SQLite)(nil)
	_ caddyfile.Unmarshaler  = (*SQLite)(nil)
	_ authcore.StoreGuest    = (*SQLite)(nil)
	_ authcore.SealKeyKeeper = (*SQLite)(nil)
)
