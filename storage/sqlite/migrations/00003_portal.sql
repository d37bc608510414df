-- +goose Up
-- +goose StatementBegin

-- What its owner calls it.
ALTER TABLE devices ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- The browser of a session, as it names itself.
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';

-- Invitations to enrol a device, one for each user.
CREATE TABLE invites (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id    TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
	digest     BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at    INTEGER NOT NULL
) STRICT;

-- +goose StatementEnd
