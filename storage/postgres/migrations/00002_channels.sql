-- +goose Up
-- +goose StatementBegin

ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT '';

-- Where codes are sent.
ALTER TABLE devices ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- Codes on their way, one for each user and purpose.
CREATE TABLE challenges (
	id          TEXT PRIMARY KEY,
	user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	device_id   TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
	purpose     TEXT NOT NULL,
	binding     TEXT NOT NULL,
	code        BYTEA NOT NULL,
	tries       BIGINT NOT NULL,
	created_at  BIGINT NOT NULL,
	expires_at  BIGINT NOT NULL,
	redeemed_at BIGINT NOT NULL,
	UNIQUE (user_id, purpose)
);
CREATE INDEX challenges_by_device ON challenges (device_id);

CREATE TABLE backup_codes (
	device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
	digest    BYTEA NOT NULL,
	used_at   BIGINT NOT NULL,
	PRIMARY KEY (device_id, digest)
);

-- Accounts at identity sources. The key keeps one account from meaning two users.
CREATE TABLE identities (
	tenant  TEXT NOT NULL,
	source  TEXT NOT NULL,
	subject TEXT NOT NULL,
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (tenant, source, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- +goose StatementEnd
