package api

import (
	"net/http"
	"slices"
	"sync"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/credentials"
	"github.com/doorward/doorward/caddymodule/dialect"
)

// CookieNames are the names of the cookies in which the clients of the dialects
// keep the token, each once.
func (a *API) CookieNames() (names []string) {
	for _, d := range a.dialects {
		names = append(names, cookiesOf(d)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func cookiesOf(d dialect.Dialect) []string {
	if named, ok := d.(dialect.CookieNamer); ok {
		return named.CookieNames()
	}
	return nil
}

func checkCookies(d dialect.Dialect) error {
	for _, name := range cookiesOf(d) {
		if err := credentials.CheckCookieName(name); err != nil {
			return err
		}
	}
	return nil
}

// errOtherOrigin is the answer to a cookie that a page of another origin sends
// along: it proves nobody, and so it is the code of those who show nothing.
var errOtherOrigin = authcore.Errorf(authcore.CodeUnauthenticated, "a page of another origin can't use the cookie: the token must come in Authorization")

var crossOrigin = http.NewCrossOriginProtection()

// principalOf says who a request proves to its dialect, and reads that once. A
// browser sends a cookie along with what any page asks, so that for a request that
// changes something it tells nobody's will unless the page is of this origin.
func (a *API) principalOf(r *http.Request, d dialect.Dialect, core *authcore.Core) func() (*authcore.Principal, error) {
	return sync.OnceValues(func() (*authcore.Principal, error) {
		shown := credentials.Read(r, cookiesOf(d))
		p, err := shown.Principal(r.Context(), core.Gatekeeper, a.Audience)
		if err == nil && shown.ByCookie() && crossOrigin.Check(r) != nil {
			return nil, errOtherOrigin
		}
		return p, err
	})
}

// asSent is r with the method and the URL of the client: whatever was rewritten,
// a dialect answers, and the origin is judged by, what was asked.
func asSent(r *http.Request) *http.Request {
	sent := *r
	sent.Method, sent.URL = app.Original(r)
	return &sent
}
