// Package caddymodule plugs every room of Doorward into Caddy. It is the path
// that a custom build names:
//
//	xcaddy build --with github.com/doorward/doorward/caddymodule
package caddymodule

import (
	_ "github.com/doorward/doorward/caddymodule/admin"
	_ "github.com/doorward/doorward/caddymodule/api"
	_ "github.com/doorward/doorward/caddymodule/app"
	_ "github.com/doorward/doorward/caddymodule/channels/callback"
	_ "github.com/doorward/doorward/caddymodule/channels/http"
	_ "github.com/doorward/doorward/caddymodule/channels/log"
	_ "github.com/doorward/doorward/caddymodule/channels/smtp"
	_ "github.com/doorward/doorward/caddymodule/channels/stomp"
	_ "github.com/doorward/doorward/caddymodule/command"
	_ "github.com/doorward/doorward/caddymodule/dialects/elcoin"
	_ "github.com/doorward/doorward/caddymodule/dialects/onlyoffice"
	_ "github.com/doorward/doorward/caddymodule/dialects/qitech"
	_ "github.com/doorward/doorward/caddymodule/dialects/surepassid"
	_ "github.com/doorward/doorward/caddymodule/directive"
	_ "github.com/doorward/doorward/caddymodule/gate"
	_ "github.com/doorward/doorward/caddymodule/identities/oidc"
	_ "github.com/doorward/doorward/caddymodule/portal"
	_ "github.com/doorward/doorward/caddymodule/stores/postgres"
	_ "github.com/doorward/doorward/caddymodule/stores/sqlite"
	_ "github.com/doorward/doorward/caddymodule/verifiers/http"
)
