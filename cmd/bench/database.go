//go:build linux

package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
	"github.com/doorward/doorward/storage/sqlite"
)

// database is where logins are measured. One is made for each number of devices,
// so that they can be compared in pairs.
type database interface {
	// open is called when nobody has it open; wrap, which may be nil, stands
	// between the pools and the driver.
	open(ctx context.Context, wrap func(driver.Connector) driver.Connector) (authcore.Store, error)
	ring() (*seal.Ring, error)
	// fill runs SQL of ours in bulk, when nobody has it open. blob is how the
	// database writes a value of 60 bytes.
	fill(ctx context.Context, run func(db *sql.DB, blob string) error) error
}

// A kind of database makes new ones by name.
type kind struct {
	name string
	make func(name string) database
}

// kinds are those to measure. The PostgreSQL is a throw-away server that is as
// careful with the disk as a real one; close ends it.
func kinds(dir string) (all []kind, close func(), err error) {
	cluster, err := postgrestest.New("fsync = on", "shared_buffers = 1GB", "max_wal_size = 4GB")
	if err != nil {
		return nil, nil, err
	}
	return []kind{
		{"SQLite", func(name string) database { return sqliteFile(filepath.Join(dir, name+".db")) }},
		{"PostgreSQL", func(name string) database {
			return &postgresDatabase{cluster: cluster, name: strings.ToLower(strings.ReplaceAll(name, "-", "_"))}
		}},
	}, cluster.Close, nil
}

// sqliteFile is the path of one.
type sqliteFile string

func (f sqliteFile) open(ctx context.Context, wrap func(driver.Connector) driver.Connector) (authcore.Store, error) {
	return sqlite.Open(ctx, sqlite.Options{Path: string(f), Wrap: wrap})
}

func (f sqliteFile) ring() (*seal.Ring, error) {
	raw, err := sqlite.SealKey(string(f))
	if err != nil {
		return nil, err
	}
	return seal.NewRing(raw)
}

// fill needs no durability: a file that a crash leaves half is thrown away.
func (f sqliteFile) fill(_ context.Context, run func(*sql.DB, string) error) error {
	db, err := sql.Open("sqlite", "file:"+string(f)+"?_pragma=synchronous(0)&_pragma=cache_size(-1000000)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(run(db, "zeroblob(60)"), db.Close())
}

// fillDevices adds devices with secrets that open nothing, five to a user, as
// many as there are beside those that log in. Both databases read this SQL.
func fillDevices(ctx context.Context, d database, n int) error {
	return d.fill(ctx, func(db *sql.DB, blob string) error {
		const batch = 100_000
		for from := 0; from < n; from += batch {
			numbers := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d) ", from, min(n, from+batch))
			for _, insert := range []string{
				`INSERT INTO users (id, tenant, name, email, phone, groups, password, disabled, epoch, created_at) ` + numbers + `
				SELECT 'fill-user-' || i, 'default', 'fill' || i, '', '', '[]', '', 0, 0, 0 FROM n WHERE i % 5 = 0`,
				`INSERT INTO user_names (tenant, login, kind, user_id) ` + numbers + `
				SELECT 'default', 'fill' || i, 'name', 'fill-user-' || i FROM n WHERE i % 5 = 0`,
				`INSERT INTO devices (id, tenant, user_id, serial, kind, status, secret, algorithm, digits, period,
					look_ahead, last_counter, drift, epoch, created_at, last_used_at) ` + numbers + `
				SELECT 'fill-device-' || i, 'default', 'fill-user-' || (i - i % 5), 'fill-' || i, 'totp', 'active', ` + blob + `,
					'SHA1', 6, 30, 1, -1, 0, 0, 0, 0 FROM n`,
			} {
				if _, err := db.ExecContext(ctx, insert); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// openFilled makes a database with users that log in and n devices beside theirs.
func openFilled(ctx context.Context, d database, n, people int) (*house, error) {
	begun := time.Now()
	h, err := openHouse(ctx, d, nil)
	if err != nil {
		return nil, err
	}
	who, err := h.settle(ctx, people)
	if err := errors.Join(err, h.store.Close()); err != nil {
		return nil, err
	}
	if err := fillDevices(ctx, d, n); err != nil {
		return nil, err
	}
	progress("%d devices, made in %s", n, time.Since(begun).Round(time.Second))
	h, err = openHouse(ctx, d, nil)
	if err != nil {
		return nil, err
	}
	h.people = who
	return h, nil
}
