-- +goose Up
-- +goose StatementBegin

CREATE TABLE users (
	id         TEXT PRIMARY KEY,
	tenant     TEXT NOT NULL,
	name       TEXT NOT NULL,
	email      TEXT NOT NULL,
	phone      TEXT NOT NULL,
	groups     TEXT NOT NULL,
	password   TEXT NOT NULL,
	disabled   INTEGER NOT NULL CHECK (disabled IN (0, 1)),
	epoch      INTEGER NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_name ON users (tenant, name);

-- Every word that a user logs in with. Its key keeps one word from meaning two users.
CREATE TABLE user_names (
	tenant  TEXT NOT NULL,
	login   TEXT NOT NULL,
	kind    TEXT NOT NULL CHECK (kind IN ('name', 'email', 'phone')),
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (tenant, login)
) STRICT;
CREATE INDEX user_names_by_user ON user_names (user_id);

CREATE TABLE devices (
	seq          INTEGER PRIMARY KEY AUTOINCREMENT,
	id           TEXT NOT NULL UNIQUE,
	tenant       TEXT NOT NULL,
	user_id      TEXT REFERENCES users (id) ON DELETE CASCADE,
	serial       TEXT NOT NULL,
	kind         TEXT NOT NULL,
	status       TEXT NOT NULL,
	secret       BLOB NOT NULL,
	algorithm    TEXT NOT NULL,
	digits       INTEGER NOT NULL,
	period       INTEGER NOT NULL,
	look_ahead   INTEGER NOT NULL,
	last_counter INTEGER NOT NULL,
	drift        INTEGER NOT NULL,
	epoch        INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	UNIQUE (tenant, serial)
) STRICT;
CREATE INDEX devices_by_user ON devices (user_id);

CREATE TABLE sessions (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         TEXT NOT NULL UNIQUE,
	tenant     TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	device_id  TEXT NOT NULL,
	audience   TEXT NOT NULL,
	client_id  TEXT NOT NULL,
	address    TEXT NOT NULL,
	epoch      INTEGER NOT NULL,
	auth_time  INTEGER NOT NULL,
	otp_time   INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	ended_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_device ON sessions (device_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE attempts (
	kind         TEXT NOT NULL,
	subject      TEXT NOT NULL,
	failures     INTEGER NOT NULL,
	total        INTEGER NOT NULL,
	paused_until INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL,
	PRIMARY KEY (kind, subject)
) STRICT;
CREATE INDEX attempts_by_age ON attempts (updated_at);

CREATE TABLE signing_keys (
	seq         INTEGER PRIMARY KEY AUTOINCREMENT,
	id          TEXT NOT NULL UNIQUE,
	algorithm   TEXT NOT NULL,
	public      BLOB NOT NULL,
	private     BLOB NOT NULL,
	created_at  INTEGER NOT NULL,
	active_from INTEGER NOT NULL
) STRICT;

-- The epoch of the set of signing keys.
CREATE TABLE key_set (
	id    TEXT PRIMARY KEY CHECK (id = '1'),
	epoch INTEGER NOT NULL
) STRICT;
INSERT INTO key_set (id, epoch) VALUES ('1', 0);

-- The feed of changed epochs. AUTOINCREMENT: a number is never used again, also after pruning.
CREATE TABLE epochs (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	kind       TEXT NOT NULL,
	subject    TEXT NOT NULL,
	epoch      INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX epochs_by_age ON epochs (changed_at);

CREATE TABLE seal_canary (
	id     TEXT PRIMARY KEY CHECK (id = '1'),
	canary BLOB NOT NULL
) STRICT;

-- Foreign keys of a dialect (psn, device_key, uid): what they are called there -> our id.
CREATE TABLE refs (
	dialect TEXT NOT NULL,
	tenant  TEXT NOT NULL,
	kind    TEXT NOT NULL,
	key     TEXT NOT NULL,
	id      TEXT NOT NULL,
	PRIMARY KEY (dialect, tenant, kind, key)
) STRICT;
CREATE INDEX refs_by_id ON refs (kind, id);

-- What a dialect wants to remember about a user or a device.
CREATE TABLE attributes (
	owner_kind TEXT NOT NULL,
	owner      TEXT NOT NULL,
	dialect    TEXT NOT NULL,
	name       TEXT NOT NULL,
	value      TEXT NOT NULL,
	PRIMARY KEY (owner_kind, owner, dialect, name)
) STRICT;

CREATE TABLE audit (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	at         INTEGER NOT NULL,
	node       TEXT NOT NULL,
	actor      TEXT NOT NULL,
	action     TEXT NOT NULL,
	outcome    TEXT NOT NULL,
	reason     TEXT NOT NULL,
	tenant     TEXT NOT NULL,
	user_id    TEXT NOT NULL,
	device_id  TEXT NOT NULL,
	session_id TEXT NOT NULL,
	factor     TEXT NOT NULL,
	address    TEXT NOT NULL,
	request_id TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_age ON audit (at);

-- +goose StatementEnd
