package storage

import (
	"context"
	"fmt"

	"github.com/doorward/doorward/authcore"
	"github.com/pressly/goose/v3"
)

// Migrate brings the schema up to what this program knows, each step in its
// own transaction, so that an interrupted run goes on where it stopped. There
// is no way back: a schema from a newer program is refused with CodeConflict,
// for an older program would not know what it may touch. It is not bound by
// the CallTimeout.
func (db *DB) Migrate(ctx context.Context) error {
	d := db.options.Dialect
	p, err := goose.NewProvider(d.Goose, db.options.Writer, d.Migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	sources := p.ListSources()
	known := sources[len(sources)-1].Version
	current, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	if current > known {
		return authcore.Errorf(authcore.CodeConflict,
			"the database has schema version %d, but this program knows versions up to %d: start the newer program, or restore a backup from before its first start",
			current, known)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema to version %d: %w", known, err)
	}
	return nil
}
