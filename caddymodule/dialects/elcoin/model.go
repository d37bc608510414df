package elcoin

import "github.com/doorward/doorward/caddymodule/dialect"

func (e *Elcoin) modelRoute(method, path string) (dialect.Route, bool) { return dialect.Route{}, false }
