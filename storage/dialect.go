package storage

import (
	"database/sql"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/doorward/doorward/authcore"
)

// Dialect is what differs between the databases.
type Dialect struct {
	// Goose is the name goose knows the database by.
	Goose goose.Dialect
	// Bind is the kind of placeholder: sqlx.QUESTION or sqlx.DOLLAR.
	Bind int
	// Migrations holds NNNNN_name.sql at its root.
	Migrations fs.FS
	// MigrationLock is a statement that waits until no other process migrates,
	// and holds until its transaction ends. Empty: there is no other process.
	MigrationLock string
	// Begin is a statement that each transaction begins with. Empty: none.
	Begin string
	// ReadIsolation is what a Read needs to see one consistent state, and
	// WriteIsolation what a Write needs.
	ReadIsolation, WriteIsolation sql.IsolationLevel
	// Code tells what a driver's error means: CodeConflict, when a uniqueness
	// rule or a reference was broken; CodeInvalid, when a value can't be
	// stored; else CodeUnavailable, for a database in trouble.
	Code func(error) authcore.Code
	// FeedCursor selects database, position and clock of an authcore.Cursor.
	FeedCursor string
	// FeedSince is the rest of a SELECT from the table epochs: its rows are the
	// changes that could not be seen when a position, its one argument, was.
	FeedSince string
}
