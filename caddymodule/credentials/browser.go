package credentials

import (
	"net/http"

	"github.com/doorward/doorward/caddymodule/app"
)

// Browser is how a browser keeps our token: in a cookie of the host, or, with a
// Domain, in one of all its hosts.
type Browser struct{ Domain string }

// The cookies. Without TLS, which is loopback, no name may have a prefix.
const (
	flowCookie      = "__Host-doorward-flow"
	flowCookieLocal = "doorward-flow"
)

// SetToken gives a browser the token of its session (SES-02).
func (b Browser) SetToken(w http.ResponseWriter, r *http.Request, token string) {
	setCookie(w, r, cookieNames[0], cookieNames[1], token)
}

// DropToken takes the token away.
func (b Browser) DropToken(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, cookieNames[0], cookieNames[1], "")
}

// SetFlow binds a sign-in that is under way to the browser; empty ends it.
func (b Browser) SetFlow(w http.ResponseWriter, r *http.Request, ticket string) {
	setCookie(w, r, flowCookie, flowCookieLocal, ticket)
}

// Flow is the ticket of the sign-in that is under way in this browser.
func (b Browser) Flow(r *http.Request) string {
	name := flowCookie
	if !encrypted(r) {
		name = flowCookieLocal
	}
	if found := r.CookiesNamed(name); len(found) == 1 {
		return found[0].Value
	}
	return ""
}

func setCookie(w http.ResponseWriter, r *http.Request, secure, local, value string) {
	c := &http.Cookie{Name: secure, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if !encrypted(r) {
		c.Name, c.Secure = local, false
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// encrypted says of a request that is answered at all whether its client speaks TLS.
func encrypted(r *http.Request) bool { return r.TLS != nil || app.TrustedProxy(r) }
