package onlyoffice

import (
	"net/http"
	"time"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// cookieName is that of a portal's own cookie.
const cookieName = "asc_auth_key"

// CookieNames is the cookie in which portals and their clients keep the token.
// Beside a portal it is the portal's: a browser has one of a name.
func (o *OnlyOffice) CookieNames() []string {
	if o.BesidePortal {
		return nil
	}
	return []string{cookieName}
}

// setCookie gives the browser its cookie, or with an empty token takes it away:
// not for a page of another origin, which could log a person in as somebody else
// or out (login CSRF).
func (x *exchange) setCookie(token string, expires time.Time) {
	if x.o.BesidePortal || new(http.CrossOriginProtection).Check(x.Request) != nil {
		return
	}
	cookie := http.Cookie{
		Name: cookieName, Value: token, Path: "/", Expires: expires, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: x.Encrypted,
	}
	if token == "" {
		cookie.MaxAge = -1 // at once
	}
	x.answer.Add("Set-Cookie", cookie.String())
}

var _ dialect.CookieNamer = (*OnlyOffice)(nil)
