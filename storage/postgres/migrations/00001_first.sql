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
	disabled   BIGINT NOT NULL CHECK (disabled IN (0, 1)),
	epoch      BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX users_by_name ON users (tenant, name);

-- Every word that a user logs in with. Its key keeps one word from meaning two users.
CREATE TABLE user_names (
	tenant  TEXT NOT NULL,
	login   TEXT NOT NULL,
	kind    TEXT NOT NULL CHECK (kind IN ('name', 'email', 'phone')),
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (tenant, login)
);
CREATE INDEX user_names_by_user ON user_names (user_id);

CREATE TABLE devices (
	seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	tenant       TEXT NOT NULL,
	user_id      TEXT REFERENCES users (id) ON DELETE CASCADE,
	serial       TEXT NOT NULL,
	kind         TEXT NOT NULL,
	status       TEXT NOT NULL,
	secret       BYTEA NOT NULL,
	algorithm    TEXT NOT NULL,
	digits       BIGINT NOT NULL,
	period       BIGINT NOT NULL,
	look_ahead   BIGINT NOT NULL,
	last_counter BIGINT NOT NULL,
	drift        BIGINT NOT NULL,
	epoch        BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	last_used_at BIGINT NOT NULL,
	UNIQUE (tenant, serial)
);
CREATE INDEX devices_by_user ON devices (user_id);

CREATE TABLE sessions (
	seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,
	tenant     TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	device_id  TEXT NOT NULL,
	audience   TEXT NOT NULL,
	client_id  TEXT NOT NULL,
	address    TEXT NOT NULL,
	epoch      BIGINT NOT NULL,
	auth_time  BIGINT NOT NULL,
	otp_time   BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	ended_at   BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_device ON sessions (device_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE attempts (
	kind         TEXT NOT NULL,
	subject      TEXT NOT NULL,
	failures     BIGINT NOT NULL,
	total        BIGINT NOT NULL,
	paused_until BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	PRIMARY KEY (kind, subject)
);
CREATE INDEX attempts_by_age ON attempts (updated_at);

CREATE TABLE signing_keys (
	seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id          TEXT NOT NULL UNIQUE,
	algorithm   TEXT NOT NULL,
	public      BYTEA NOT NULL,
	private     BYTEA NOT NULL,
	created_at  BIGINT NOT NULL,
	active_from BIGINT NOT NULL
);

-- The epoch of the set of signing keys.
CREATE TABLE key_set (
	id    TEXT PRIMARY KEY CHECK (id = '1'),
	epoch BIGINT NOT NULL
);
INSERT INTO key_set (id, epoch) VALUES ('1', 0);

-- The feed of changed epochs. xid is the transaction that made the change: all
-- that is older than the oldest running transaction is committed, so that its
-- number is a cursor which misses nothing, however late a commit comes.
CREATE TABLE epochs (
	seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	xid        BIGINT NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
	kind       TEXT NOT NULL,
	subject    TEXT NOT NULL,
	epoch      BIGINT NOT NULL,
	changed_at BIGINT NOT NULL
);
CREATE INDEX epochs_by_xid ON epochs (xid);
CREATE INDEX epochs_by_age ON epochs (changed_at);

-- A hint for the nodes that listen; who does not hear it asks a moment later.
CREATE FUNCTION doorward_epochs_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('doorward', '');
	RETURN NULL;
END $$;
CREATE TRIGGER epochs_changed AFTER INSERT ON epochs
	FOR EACH STATEMENT EXECUTE FUNCTION doorward_epochs_changed();

CREATE TABLE seal_canary (
	id     TEXT PRIMARY KEY CHECK (id = '1'),
	canary BYTEA NOT NULL
);

-- Foreign keys of a dialect (psn, device_key, uid): what they are called there -> our id.
CREATE TABLE refs (
	dialect TEXT NOT NULL,
	tenant  TEXT NOT NULL,
	kind    TEXT NOT NULL,
	key     TEXT NOT NULL,
	id      TEXT NOT NULL,
	PRIMARY KEY (dialect, tenant, kind, key)
);
CREATE INDEX refs_by_id ON refs (kind, id);

-- What a dialect wants to remember about a user or a device.
CREATE TABLE attributes (
	owner_kind TEXT NOT NULL,
	owner      TEXT NOT NULL,
	dialect    TEXT NOT NULL,
	name       TEXT NOT NULL,
	value      TEXT NOT NULL,
	PRIMARY KEY (owner_kind, owner, dialect, name)
);

CREATE TABLE audit (
	seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at         BIGINT NOT NULL,
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
);
CREATE INDEX audit_by_age ON audit (at);

-- +goose StatementEnd
