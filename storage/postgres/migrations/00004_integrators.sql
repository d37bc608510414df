-- +goose Up
-- +goose StatementBegin

-- Typed before each code; sealed. Empty: none.
ALTER TABLE devices ADD COLUMN pin BYTEA NOT NULL DEFAULT '';

-- What turns a pending device active: empty for its first code, 'codes' for two in a row.
ALTER TABLE devices ADD COLUMN awaits TEXT NOT NULL DEFAULT '';

-- Orders a user's devices by when they became his.
ALTER TABLE devices ADD COLUMN assigned BIGINT NOT NULL DEFAULT 0;

-- Its codes count until then; 0: for good.
ALTER TABLE devices ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;

-- The import that brought it. While that has a row in imports, the device is there for nobody.
ALTER TABLE devices ADD COLUMN import_id TEXT NOT NULL DEFAULT '';
CREATE INDEX devices_by_import ON devices (import_id) WHERE import_id <> '';

-- Imports that have not ended.
CREATE TABLE imports (
	id         TEXT PRIMARY KEY,
	tenant     TEXT NOT NULL,
	touched_at BIGINT NOT NULL
);

-- Who may call a dialect, with a key of his own.
CREATE TABLE integrators (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL UNIQUE,
	dialect    TEXT NOT NULL,
	tenant     TEXT NOT NULL,
	digest     BYTEA NOT NULL,
	operations TEXT NOT NULL,
	allow      TEXT NOT NULL,
	rate       BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);

-- Pictures of a device's key that its first reader gets, one for each device.
CREATE TABLE pictures (
	device_id  TEXT PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
	digest     BYTEA NOT NULL UNIQUE,
	label      TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	taken_at   BIGINT NOT NULL
);

-- Says that he had a device that counted and that is another's or gone: no password alone
-- enrols his next.
ALTER TABLE users ADD COLUMN had_device BIGINT NOT NULL DEFAULT 0;

-- +goose StatementEnd
