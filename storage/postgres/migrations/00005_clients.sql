-- +goose Up
-- +goose StatementBegin

-- The registered device that a session is bound to. Empty: none.
ALTER TABLE sessions ADD COLUMN client_device TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_client ON sessions (client_device) WHERE client_device <> '';

-- Says that a new client device of his own is approved from a registered one.
ALTER TABLE users ADD COLUMN strict_devices BIGINT NOT NULL DEFAULT 0;

-- What it signs its calls with. Empty: it has a key.
ALTER TABLE integrators ADD COLUMN public_key BYTEA NOT NULL DEFAULT '';

-- What apps ask for devices on, and who says which.
CREATE TABLE accounts (
	id         TEXT PRIMARY KEY,
	tenant     TEXT NOT NULL,
	name       TEXT NOT NULL,
	status     TEXT NOT NULL,
	hub        BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	UNIQUE (tenant, name)
);

CREATE TABLE approvers (
	seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	document   TEXT NOT NULL,
	phone      TEXT NOT NULL,
	email      TEXT NOT NULL,
	face       TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	UNIQUE (account_id, user_id),
	UNIQUE (account_id, document)
);
CREATE INDEX approvers_by_user ON approvers (user_id);

-- What devices of the kind client have beside the others; id is the device's.
CREATE TABLE clients (
	seq            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id             TEXT NOT NULL UNIQUE REFERENCES devices (id) ON DELETE CASCADE,
	account_id     TEXT REFERENCES accounts (id) ON DELETE CASCADE,
	device_key     TEXT NOT NULL,
	session        BYTEA NOT NULL,
	session_digest BYTEA NOT NULL,
	secret         BYTEA NOT NULL,
	public_key     BYTEA NOT NULL,
	face           TEXT NOT NULL
);
CREATE INDEX clients_by_account ON clients (account_id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX clients_by_secret ON clients (secret) WHERE length(secret) > 0;
CREATE INDEX clients_by_session ON clients (session_digest) WHERE length(session_digest) > 0;

-- The states that a client device was in.
CREATE TABLE client_history (
	seq       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
	status    TEXT NOT NULL,
	reason    TEXT NOT NULL,
	at        BIGINT NOT NULL
);
CREATE INDEX client_history_by_device ON client_history (device_id);
CREATE INDEX client_history_by_end ON client_history (at) WHERE status IN ('rejected', 'deactivated');

-- Requests for client devices, the newest of each.
CREATE TABLE approvals (
	seq              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id               TEXT NOT NULL UNIQUE,
	device_id        TEXT NOT NULL UNIQUE REFERENCES devices (id) ON DELETE CASCADE,
	user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	asked_by         TEXT NOT NULL,
	way              TEXT NOT NULL,
	token            BYTEA NOT NULL,
	tries            BIGINT NOT NULL,
	state            TEXT NOT NULL,
	session          BYTEA NOT NULL,
	session_digest   BYTEA NOT NULL,
	secret           BYTEA NOT NULL,
	public_key       BYTEA NOT NULL,
	face             TEXT NOT NULL,
	created_at       BIGINT NOT NULL,
	token_expires_at BIGINT NOT NULL,
	expires_at       BIGINT NOT NULL,
	decided_at       BIGINT NOT NULL,
	verified_at      BIGINT NOT NULL
);
CREATE INDEX approvals_by_user ON approvals (user_id, state);

-- What may be shown once.
CREATE TABLE replays (
	digest     BYTEA PRIMARY KEY,
	expires_at BIGINT NOT NULL
);
CREATE INDEX replays_by_end ON replays (expires_at);

-- +goose StatementEnd
