-- +goose Up
-- +goose StatementBegin

-- What a device that answers signs with. Empty: the secret.
ALTER TABLE devices ADD COLUMN public_key BLOB NOT NULL DEFAULT x'';
-- The SHA-256 of what lets an app bring its key, once. Empty: nothing does.
ALTER TABLE devices ADD COLUMN enrolment BLOB NOT NULL DEFAULT x'';
CREATE INDEX devices_by_enrolment ON devices (enrolment) WHERE length(enrolment) > 0;
-- How often it was changed since it is there, and when last; 0: never.
ALTER TABLE devices ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE devices ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
-- Its user is told there before he is told elsewhere.
ALTER TABLE devices ADD COLUMN notified INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX devices_notified ON devices (user_id) WHERE notified = 1;
-- Its user logs in with its address, as with a name.
ALTER TABLE devices ADD COLUMN logs_in INTEGER NOT NULL DEFAULT 0;
CREATE INDEX devices_by_tenant ON devices (tenant, seq);
CREATE INDEX devices_by_address ON devices (tenant, address) WHERE address <> '';

-- The addresses of devices are names too, of the kind device unless they are another kind of
-- name of the same user. A table can't be given another CHECK, so it is made anew.
CREATE TABLE user_names_next (
	tenant  TEXT NOT NULL,
	login   TEXT NOT NULL,
	kind    TEXT NOT NULL CHECK (kind IN ('name', 'email', 'phone', 'device')),
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (tenant, login)
) STRICT;
INSERT INTO user_names_next (tenant, login, kind, user_id) SELECT tenant, login, kind, user_id FROM user_names;
DROP TABLE user_names;
ALTER TABLE user_names_next RENAME TO user_names;
CREATE INDEX user_names_by_user ON user_names (user_id);

-- What is shown where a code was asked for; what the device said; who asked, and for what.
ALTER TABLE challenges ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE challenges ADD COLUMN answer TEXT NOT NULL DEFAULT '';
ALTER TABLE challenges ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE challenges ADD COLUMN request TEXT NOT NULL DEFAULT '';

-- Where the code went that restored his password: codes sent there don't count until he has
-- logged in with another device.
ALTER TABLE users ADD COLUMN restored_by TEXT NOT NULL DEFAULT '';

-- What it signs its calls with, sealed. Empty: it has a digest or a public key.
ALTER TABLE integrators ADD COLUMN secret BLOB NOT NULL DEFAULT x'';

-- +goose StatementEnd
