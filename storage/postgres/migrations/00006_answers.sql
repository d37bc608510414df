-- +goose Up
-- +goose StatementBegin

-- What a device that answers signs with. Empty: the secret.
ALTER TABLE devices ADD COLUMN public_key BYTEA NOT NULL DEFAULT '';
-- The SHA-256 of what lets an app bring its key, once. Empty: nothing does.
ALTER TABLE devices ADD COLUMN enrolment BYTEA NOT NULL DEFAULT '';
CREATE INDEX devices_by_enrolment ON devices (enrolment) WHERE length(enrolment) > 0;
-- How often it was changed since it is there, and when last; 0: never.
ALTER TABLE devices ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE devices ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
-- Its user is told there before he is told elsewhere.
ALTER TABLE devices ADD COLUMN notified BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX devices_notified ON devices (user_id) WHERE notified = 1;
-- Its user logs in with its address, as with a name.
ALTER TABLE devices ADD COLUMN logs_in BIGINT NOT NULL DEFAULT 0;
CREATE INDEX devices_by_tenant ON devices (tenant, seq);
CREATE INDEX devices_by_address ON devices (tenant, address) WHERE address <> '';

-- The addresses of devices are names too, of the kind device unless they are another kind of
-- name of the same user.
ALTER TABLE user_names DROP CONSTRAINT user_names_kind_check;
ALTER TABLE user_names ADD CONSTRAINT user_names_kind_check CHECK (kind IN ('name', 'email', 'phone', 'device'));

-- What is shown where a code was asked for; what the device said; who asked, and for what.
ALTER TABLE challenges ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE challenges ADD COLUMN answer TEXT NOT NULL DEFAULT '';
ALTER TABLE challenges ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE challenges ADD COLUMN request TEXT NOT NULL DEFAULT '';

-- Where the code went that restored his password: codes sent there don't count until he has
-- logged in with another device.
ALTER TABLE users ADD COLUMN restored_by TEXT NOT NULL DEFAULT '';

-- What it signs its calls with, sealed. Empty: it has a digest or a public key.
ALTER TABLE integrators ADD COLUMN secret BYTEA NOT NULL DEFAULT '';

-- +goose StatementEnd
