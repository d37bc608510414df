package integration

import (
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// Law 14: what can't be honoured is an error that quotes the word, with file and
// line. Each block stands at line 2 and its options from line 3 on.
func TestAdaptErrors(t *testing.T) {
	site := func(block string) string { return "http:// {\n\t" + block + "\n}\n" }
	app := func(block string) string { return "{\n\tdoorward {\n" + block + "\n\t}\n}\nhttp:// {\n\tdoorward\n}\n" }
	for _, c := range []struct{ caddyfile, want string }{
		{site("doorward /x"), "unexpected argument '/x'"},
		{site("doorward *"), "unexpected argument '*'"},
		{site("doorward @m"), "unexpected argument '@m'"},
		{site("doorward_gate /x"), "unexpected argument '/x'"},
		{site("doorward_api /x"), "unexpected argument '/x'"},
		{site("doorward_portal /x"), "unexpected argument '/x'"},
		{site("doorward {\nopne /x\n}"), "unrecognized option 'opne' of 'doorward': open, require, header, pass_token, audience, api, at Caddyfile:3"},
		{site("doorward_gate {\napi onlyoffice\n}"), "unrecognized option 'api' of 'doorward_gate': open, require, header, pass_token, audience, at Caddyfile:3"},
		{site("doorward_api {\nopen /x\n}"), "unrecognized option 'open' of 'doorward_api': audience, api, at Caddyfile:3"},
		{site("doorward_portal {\nopen /x\n}"), "unrecognized option 'open' of 'doorward_portal': it has none, at Caddyfile:3"},
		{site("doorward_api"), "'doorward_api' serves nothing: name a dialect with 'api', at Caddyfile:2"},
		{site("doorward_api {\naudience a b\napi onlyoffice\n}"), "'audience' takes one value, once, at Caddyfile:3"},
		{site("doorward_api {\naudience a\naudience b\n}"), "'audience' takes one value, once, at Caddyfile:4"},

		{site("doorward {\naudience\n}"), "'audience' takes one value, not 0, at Caddyfile:3"},
		{site("doorward {\naudience a b\n}"), "'audience' takes one value, not 2, at Caddyfile:3"},
		{site("doorward {\naudience a\naudience b\n}"), "'audience' is already specified, at Caddyfile:4"},
		{site("doorward {\nopen\n}"), "'open' needs a path, at Caddyfile:3"},
		{site("doorward {\nopen healthz\n}"), "open 'healthz': an open path is a plain absolute path"},
		{site("doorward {\nopen /a*\n}"), "open '/a*'"},
		{site("doorward {\nopen /a/*/b\n}"), "open '/a/*/b'"},
		{site("doorward {\nopen /a/../b\n}"), "open '/a/../b'"},
		{site("doorward {\nopen /a%2fb\n}"), "open '/a%2fb'"},
		{site("doorward {\nopen /a //b\n}"), "open '//b'"},
		{site("doorward {\nopen @m\n}"), "open '@m'"},
		{site("doorward {\nopen /{x}\n}"), "open '/{x}'"},
		{site("doorward {\nopen *\n}"), "open '*'"},
		{site("doorward {\npass_token yes\n}"), "unexpected argument 'yes': 'pass_token' takes none, at Caddyfile:3"},

		{site("doorward {\nrequire /x\n}"), "'require' asks for nothing"},
		{site("doorward {\nrequire\n}"), "'require' asks for nothing"},
		{site("doorward {\nrequire admin {\ngroup a\n}\n}"), "'admin' is not a matcher"},
		{site("doorward {\nrequire @none {\ngroup a\n}\n}"), "@none"},
		{site("doorward {\nrequire /x /y {\ngroup a\n}\n}"), "unexpected argument '/y'"},
		{site("doorward {\nrequire {\ngroups a\n}\n}"), "unrecognized option 'groups' of 'require': otp_max_age or group, at Caddyfile:4"},
		{site("doorward {\nrequire {\ngroup\n}\n}"), "'group' needs a name, at Caddyfile:4"},
		{site("doorward {\nrequire {\ngroup a,b\n}\n}"), "group 'a,b'"},
		{site("doorward {\nrequire {\ngroup \"a b\"\n}\n}"), "group 'a b'"},
		{site("doorward {\nrequire {\notp_max_age\n}\n}"), "'otp_max_age' takes one value, not 0, at Caddyfile:4"},
		{site("doorward {\nrequire {\notp_max_age soon\n}\n}"), "invalid otp_max_age 'soon'"},
		{site("doorward {\nrequire {\notp_max_age -1m\n}\n}"), "invalid otp_max_age '-1m'"},
		{site("doorward {\nrequire {\notp_max_age 0\n}\n}"), "invalid otp_max_age '0'"},
		{site("doorward {\nrequire {\notp_max_age 1m\notp_max_age 2m\n}\n}"), "'otp_max_age' is already specified, at Caddyfile:5"},

		{site("doorward {\nheader user\n}"), "'header' needs what it carries and a name"},
		{site("doorward {\nheader User X\n}"), "header 'User' is not known: user, name, email or groups, at Caddyfile:3"},
		{site("doorward {\nheader user X-A\nheader user X-B\n}"), "'header user' is already specified, at Caddyfile:4"},
		{site("doorward {\nheader user X-A\nheader name x-a\n}"), "header 'x-a' is named twice"},
		{site("doorward {\nheader user Remote-Name\n}"), "is named twice"},
		{site("doorward {\nheader user X_A\n}"), "header 'X_A' can't carry an identity"},
		{site("doorward {\nheader user cookie\n}"), "header 'cookie' can't carry an identity"},
		{site("doorward {\nheader user HOST\n}"), "header 'HOST' can't carry an identity"},
		{site("doorward {\nheader user \"\"\n}"), "'header user' needs a name, at Caddyfile:3"},
		{site("doorward {\naudience \"\"\n}"), "'audience' needs a value, at Caddyfile:3"},
		{site("doorward_api {\naudience \"\"\napi onlyoffice\n}"), "'audience' takes one value, once, at Caddyfile:3"},

		{site("doorward {\napi\n}"), "'api' needs the name of a dialect"},
		{site("doorward {\napi none\n}"), "unknown module 'none': "},
		{site("doorward {\napi onlyoffice x\n}"), "unexpected argument 'x': 'api onlyoffice' takes a block, at Caddyfile:3"},
		{site("doorward {\napi onlyoffice {\nprefx /a\n}\n}"), "unrecognized option 'prefx' of 'api onlyoffice': prefix, flavour, error_status, timezone, beside_portal, at Caddyfile:4"},
		{site("doorward {\napi onlyoffice {\nprefix\n}\n}"), "'prefix' takes one path, like /api/2.0, at Caddyfile:4"},
		{site("doorward {\napi onlyoffice {\nprefix /a /b\n}\n}"), "'prefix' takes one path, like /api/2.0, at Caddyfile:4"},
		{site("doorward {\napi onlyoffice {\nprefix /a\nprefix /b\n}\n}"), "'prefix' is already specified, at Caddyfile:5"},
		{site("doorward {\napi onlyoffice {\nprefix a\n}\n}"), "prefix 'a' is not a path like /api/2.0, at Caddyfile:4"},
		{site("doorward {\napi onlyoffice {\nprefix /a/\n}\n}"), "prefix '/a/' is not a path"},
		{site("doorward {\napi onlyoffice {\nprefix \"\"\n}\n}"), "prefix '' is not a path"},
		{site("doorward {\napi onlyoffice {\nprefix /a//b\n}\n}"), "prefix '/a//b' is not a path"},
		{site("doorward {\napi onlyoffice {\nprefix /a/../b\n}\n}"), "prefix '/a/../b' is not a path"},
		{site("doorward {\napi onlyoffice {\nprefix /a%20b\n}\n}"), "prefix '/a%20b' is not a path"},

		{app("stroe sqlite"), "unrecognized option 'stroe' of the global option 'doorward': store, seal_key, public_url, token_lifetime, session_lifetime, signing_algorithm, stale, channel, factors, first_device, identity, at Caddyfile:3"},
		{app("store"), "at Caddyfile:3"},
		{app("store mysql"), "unknown module 'mysql': "},
		{app("store sqlite a b"), "unexpected argument 'b'"},
		{app("store sqlite a {\nwal\n}"), "unrecognized option 'wal'"},
		{app("store postgres"), "'store postgres' needs a DSN, like {env.DATABASE_URL}, at Caddyfile:3"},
		{app("store postgres a b"), "'store postgres' takes one DSN: quote it if it has spaces, at Caddyfile:3"},
		{app("store postgres postgres://u:sek#rit@h/d"), "store postgres: the DSN of PostgreSQL can't be read: write postgres://"},
		{app("store postgres {env.X} {\nlisten\n}"), "unrecognized option 'listen' of store postgres, which knows listen_dsn, at Caddyfile:4"},
		{app("store postgres {env.X} {\nlisten_dsn {env.X}\nlisten_dsn {env.Y}\n}"), "'listen_dsn' is already specified, at Caddyfile:5"},
		{app("store postgres {env.X} {\nlisten_dsn\n}"), "'listen_dsn' needs a DSN, like {env.DATABASE_URL}, at Caddyfile:4"},
		{app("store sqlite\nstore sqlite"), "'store' is already specified, at Caddyfile:4"},
		{app("seal_key"), "'seal_key' needs a value, at Caddyfile:3"},
		{app("seal_key a b"), "unexpected argument 'b': 'seal_key' takes one value, at Caddyfile:3"},
		{app("public_url"), "'public_url' needs a value"},
		{app("public_url https://a\npublic_url https://b"), "'public_url' is already specified, at Caddyfile:4"},
		{app("token_lifetime soon"), "invalid token_lifetime 'soon'"},
		{app("token_lifetime 999ms"), "invalid token_lifetime '999ms'"},
		{app("token_lifetime 31d"), "token_lifetime"},
		{app("session_lifetime -1h"), "invalid session_lifetime '-1h'"},
		{app("identity"), "'identity' needs a name of your choice and the name of a module, like: identity google oidc { … }, at Caddyfile:3"},
		{app("identity google"), "'identity google' needs the name of a module, like oidc, at Caddyfile:3"},
		{app("identity Google oidc"), "identity 'Google': a name has 1 to 64 of a-z, 0-9, _ and -, at Caddyfile:3"},
		{app("identity a.b oidc"), "identity 'a.b'"},
		{app("identity email oidc"), "identity 'email': clients mean the password by this word"},
		{app("identity google ldap"), "unknown module 'ldap': oidc"},
		{app(google + "\n" + google), "identity 'google' is already specified, at Caddyfile:7"},
		{app("identity google oidc {\nclient_id c\n}"), "identity oidc needs an issuer"},
		{app("identity google oidc {\nissuer http://accounts.example.com\nclient_id c\n}"), "issuer 'http://accounts.example.com' is not an address like https://accounts.example.com (http only for localhost), at Caddyfile:4"},
		{app("signing_algorithm none"), "signing_algorithm 'none' is not known: ES256, EdDSA or RS256, at Caddyfile:3"},
		{app("signing_algorithm HS256"), "signing_algorithm 'HS256' is not known"},
		{app("stale maybe"), "'maybe'"},
		{"{\n\tdoorward x\n}\nhttp:// {\n}\n", "unexpected argument 'x': the global option 'doorward' takes a block, at Caddyfile:2"},
		{"{\n\tdoorward {\n\t}\n\tdoorward {\n\t}\n}\nhttp:// {\n}\n", "the global option 'doorward' stands twice: put everything in one block, at Caddyfile:4"},
	} {
		t.Run(c.want, func(t *testing.T) {
			config, err := caddytestkit.Adapt(c.caddyfile)
			if err == nil {
				t.Fatalf("%s\nis taken as %s", c.caddyfile, config)
			}
			if text := err.Error(); !strings.Contains(text, c.want) || !strings.Contains(text, ", at Caddyfile:") {
				t.Errorf("%s\ngives %s", c.caddyfile, text)
			}
		})
	}
}
