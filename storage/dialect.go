package storage

import (
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Dialect is what differs between the databases.
type Dialect struct {
	// Goose is the name goose knows the database by.
	Goose goose.Dialect
	// Bind is the kind of placeholder: sqlx.QUESTION or sqlx.DOLLAR.
	Bind int
	// Migrations holds NNNNN_name.sql at its root.
	Migrations fs.FS
	// Conflict says whether a driver's error means that a uniqueness rule or a
	// reference was broken, as opposed to a database in trouble.
	Conflict func(error) bool
	// FeedCursor selects one integer: every change noted later, or not yet
	// committed now, is found by FeedSince with that integer.
	FeedCursor string
	// FeedSince selects kind, subject and epoch of the changes after the
	// integer it is given, in the order of their making.
	FeedSince string
}
