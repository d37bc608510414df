package onlyoffice

import "github.com/doorward/doorward/caddymodule/dialect"

// CookieNames is the cookie in which portals and their clients keep the token.
func (*OnlyOffice) CookieNames() []string { return []string{"asc_auth_key"} }

var _ dialect.CookieNamer = (*OnlyOffice)(nil)
