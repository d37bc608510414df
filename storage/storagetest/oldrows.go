package storagetest

// FirstRows is SQL that fills the tables of schema version 1 as its program did.
// blob is how the database writes the bytes 1, 0, 2, 255.
func FirstRows(blob string) string {
	return `INSERT INTO users (id, tenant, name, email, phone, groups, password, disabled, epoch, created_at)
		VALUES ('1', 'default', 'name-1', '1@example.com', '+15551', '["admins","staff"]', '$argon2id$1', 0, 0, 1772366400000);
	INSERT INTO user_names (tenant, login, kind, user_id) VALUES ('default', 'name-1', 'name', '1');
	INSERT INTO devices (id, tenant, user_id, serial, kind, status, secret, algorithm, digits, period,
			look_ahead, last_counter, drift, epoch, created_at, last_used_at)
		VALUES ('d1', 'default', '1', 'SN-d1', 'totp', 'active', ` + blob + `, 'SHA256', 8, 60, 1, -1, -1, 3, 1772366400000, 0);
	INSERT INTO sessions (id, tenant, user_id, device_id, audience, client_id, address, epoch,
			auth_time, otp_time, expires_at, ended_at)
		VALUES ('s1', 'default', '1', 'd1', 'app', 'portal', '192.0.2.1', 2,
			1772366400000, 1772366401000, 1772409600000, 0);
	INSERT INTO attempts (kind, subject, failures, total, paused_until, updated_at)
		VALUES ('device', 'd1', 2, 7, 0, 1772366400000);
	INSERT INTO signing_keys (id, algorithm, public, private, created_at, active_from)
		VALUES ('k1', 'ES256', ` + blob + `, ` + blob + `, 1772366400000, 1772366400000);
	INSERT INTO seal_canary (id, canary) VALUES ('1', ` + blob + `);
	UPDATE key_set SET epoch = 5;
	INSERT INTO epochs (kind, subject, epoch, changed_at) VALUES ('user', '1', 0, 1772366400000);
	INSERT INTO audit (at, node, actor, action, outcome, reason, tenant, user_id, device_id, session_id, factor, address, request_id)
		VALUES (1772366400000, 'n', 'user:1', 'login', 'ok', '', 'default', '1', 'd1', 's1', 'totp', '192.0.2.1', 'r');`
}

// SecondRows is what schema version 2 adds to FirstRows.
func SecondRows(blob string) string {
	return `UPDATE users SET language = 'ru';
	UPDATE devices SET address = '+15551';
	INSERT INTO challenges (id, user_id, device_id, purpose, binding, code, tries, created_at, expires_at, redeemed_at)
		VALUES ('c1', '1', 'd1', 'login', 'app|door', ` + blob + `, 2, 1772366400000, 1772367000000, 0);
	INSERT INTO backup_codes (device_id, digest, used_at) VALUES ('d1', ` + blob + `, 0);
	INSERT INTO identities (tenant, source, subject, user_id) VALUES ('default', 's', 'y', '1');`
}

// ThirdRows is what schema version 3 adds to them: an invitation, names, and two
// devices more, of which one is in stock.
func ThirdRows(blob string) string {
	const columns = `id, tenant, user_id, serial, kind, status, secret, algorithm, digits, period,
		look_ahead, last_counter, drift, epoch, created_at, last_used_at, address, name`
	return `UPDATE devices SET name = 'his phone';
	UPDATE sessions SET agent = 'Firefox';
	INSERT INTO devices (` + columns + `)
		VALUES ('a2', 'default', '1', 'SN-a2', 'totp', 'active', ` + blob + `, 'SHA256', 8, 60, 1, -1, -1, 3, 1772366400000, 0, '', '');
	INSERT INTO devices (` + columns + `)
		VALUES ('st', 'default', NULL, 'SN-st', 'totp', 'active', ` + blob + `, 'SHA256', 8, 60, 1, -1, -1, 3, 1772366400000, 0, '', '');
	INSERT INTO invites (user_id, digest, created_at, expires_at, used_at) VALUES ('1', ` + blob + `, 1772366400000, 1772625600000, 0);`
}

// FourthRows is what schema version 4 adds to them: a device in stock that has all
// that came with it, one of an import that has not ended, an integrator, and a
// picture that was read.
func FourthRows(blob string) string {
	const columns = `id, tenant, user_id, serial, kind, status, secret, algorithm, digits, period,
		look_ahead, last_counter, drift, epoch, created_at, last_used_at, pin, awaits, assigned, expires_at, import_id`
	return `INSERT INTO devices (` + columns + `)
		VALUES ('w4', 'default', NULL, 'SN-w4', 'totp', 'pending', ` + blob + `, 'SHA256', 8, 60, 1, -1, -1, 3, 1772366400000, 0,
			` + blob + `, 'codes', 0, 1803902400000, '');
	INSERT INTO devices (` + columns + `)
		VALUES ('m4', 'default', NULL, 'SN-m4', 'totp', 'active', ` + blob + `, 'SHA256', 8, 60, 1, -1, -1, 3, 1772366400000, 0,
			` + blob + `, '', 0, 0, 'i4');
	INSERT INTO imports (id, tenant, touched_at) VALUES ('i4', 'default', 1772366400000);
	INSERT INTO integrators (id, name, dialect, tenant, digest, operations, allow, rate, created_at)
		VALUES ('n4', 'name-n4', 'surepassid', 'other', ` + blob + `, '["a","b"]', '["192.0.2.0/24"]', 7, 1772366400000);
	INSERT INTO pictures (device_id, digest, label, created_at, expires_at, taken_at)
		VALUES ('w4', ` + blob + `, 'alice', 1772366400000, 1772366700000, 1772366401000);
	INSERT INTO attributes (owner_kind, owner, dialect, name, value) VALUES ('device', 'w4', 'x', 'n', 'v');
	UPDATE users SET had_device = 1;`
}

// FifthRows is what schema version 5 adds to them: a client device that was approved, on an
// account, with a session on it, and an integrator that signs.
func FifthRows(blob string) string {
	return `UPDATE users SET strict_devices = 1;
	UPDATE sessions SET client_device = 'c5';
	INSERT INTO users (id, tenant, name, email, phone, groups, password, disabled, epoch, created_at)
		VALUES ('5', 'default', 'name-5', '', '', '[]', '', 0, 0, 1772366400000);
	INSERT INTO user_names (tenant, login, kind, user_id) VALUES ('default', 'name-5', 'name', '5');
	INSERT INTO devices (id, tenant, user_id, serial, kind, status, secret, algorithm, digits, period,
			look_ahead, last_counter, drift, epoch, created_at, last_used_at, pin, awaits, assigned, expires_at, import_id)
		VALUES ('c5', 'default', '5', 'SN-c5', 'client', 'active', ` + blob + `, '', 0, 0, 0, 0, 0, 0, 1772366400000, 0, ` + blob + `, 'approval', 9, 0, '');
	INSERT INTO accounts (id, tenant, name, status, hub, created_at) VALUES ('a5', 'default', 'name-a5', 'active', 0, 1772366400000);
	INSERT INTO approvers (account_id, user_id, document, phone, email, face, created_at)
		VALUES ('a5', '1', '12345678901', '', '', '', 1772366400000);
	INSERT INTO clients (id, account_id, device_key, session, session_digest, secret, public_key, face)
		VALUES ('c5', 'a5', 'key-c5', ` + blob + `, ` + blob + `, ` + blob + `, ` + blob + `, '');
	INSERT INTO client_history (device_id, status, reason, at) VALUES ('c5', 'active', '', 1772366400000);
	INSERT INTO replays (digest, expires_at) VALUES (` + blob + `, 1772366700000);
	INSERT INTO integrators (id, name, dialect, tenant, digest, operations, allow, rate, created_at, public_key)
		VALUES ('n5', 'name-n5', 'qitech', 'default', ` + blob + `, '[]', '[]', 7, 1772366400000, ` + blob + `);`
}

// Versions are the schema versions before this one, with SQL that fills their
// tables.
func Versions(blob string) (all []string) {
	rows := ""
	for _, more := range []func(string) string{FirstRows, SecondRows, ThirdRows, FourthRows, FifthRows} {
		rows += more(blob)
		all = append(all, rows)
	}
	return all
}
