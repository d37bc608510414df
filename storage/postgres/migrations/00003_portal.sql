-- +goose Up
-- +goose StatementBegin

-- What its owner calls it.
ALTER TABLE devices ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- The browser of a session, as it names itself.
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';

-- Invitations to enrol a device, one for each user.
CREATE TABLE invites (
	seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id    TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
	digest     BYTEA NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at    BIGINT NOT NULL
);

-- +goose StatementEnd
