//go:build linux

package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage/postgres"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// postgresDatabase is one of a throw-away server.
type postgresDatabase struct {
	cluster   *postgrestest.Cluster
	name, dsn string // dsn is empty until it is made
}

func (d *postgresDatabase) open(ctx context.Context, wrap func(driver.Connector) driver.Connector) (authcore.Store, error) {
	if d.dsn == "" {
		var err error
		if d.dsn, err = d.cluster.Create(d.name); err != nil {
			return nil, err
		}
	}
	return postgres.Open(ctx, postgres.Options{DSN: d.dsn, Wrap: wrap})
}

func (d *postgresDatabase) ring() (*seal.Ring, error) { return seal.NewRing(make([]byte, 32)) }

func (d *postgresDatabase) fill(ctx context.Context, run func(*sql.DB, string) error) error {
	db, err := sql.Open("postgres", d.dsn+"&options=-csynchronous_commit%3Doff")
	if err != nil {
		return err
	}
	err = run(db, `decode(repeat('00', 60), 'hex')`)
	if err == nil { // as autovacuum would in the minutes after
		_, err = db.ExecContext(ctx, "VACUUM ANALYZE")
	}
	return errors.Join(err, db.Close())
}
