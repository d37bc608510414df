package elcoin

import "github.com/doorward/doorward/caddymodule/dialect"

func (e *Elcoin) oauthRoute(method, path string) (dialect.Route, bool) { return dialect.Route{}, false }
