package credentials

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
)

// Browser is how a browser keeps our token: in a cookie of the host, or, with a
// Domain, in one of all its hosts.
type Browser struct{ Domain string }

// SetToken gives a browser the token of its session (SES-02). With a Domain, what
// the host had of its own goes: two sessions would be none.
func (b Browser) SetToken(w http.ResponseWriter, r *http.Request, token string) {
	if !b.shares(r) {
		b.SetHostToken(w, r, token)
		return
	}
	http.SetCookie(w, b.ofDomain(token))
	if len(r.CookiesNamed(hostCookie)) > 0 {
		http.SetCookie(w, ofHost(r, hostCookie, localCookie, ""))
	}
}

// SetHostToken gives a browser a token for this host alone: one that
// Gatekeeper.Carry made.
func (b Browser) SetHostToken(w http.ResponseWriter, r *http.Request, token string) {
	http.SetCookie(w, ofHost(r, hostCookie, localCookie, token))
}

// DropToken takes the token away, whatever cookie it is in. Without TLS a browser
// would not take the word about the others.
func (b Browser) DropToken(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, ofHost(r, hostCookie, localCookie, ""))
	if app.Encrypted(r) {
		http.SetCookie(w, ofHost(r, localCookie, localCookie, ""))
	}
	if b.shares(r) {
		http.SetCookie(w, b.ofDomain(""))
	}
}

// Renewed are the cookies that go on with the session that s has just proven to be
// p's, when it is time (Gatekeeper.Renew). None unless one of our own cookies alone
// proved it, as a browser would send it: who sends the token elsewhere keeps it elsewhere.
func (b Browser) Renewed(r *http.Request, s *Shown, gk *authcore.Gatekeeper, p *authcore.Principal) (cookies []*http.Cookie) {
	if !s.byCookie || s.own == "" || !app.Secure(r) {
		return nil
	}
	token, ok := gk.Renew(p)
	if !ok {
		return nil
	}
	if s.own == domainCookie {
		return []*http.Cookie{b.ofDomain(token)}
	}
	cookies = []*http.Cookie{ofHost(r, hostCookie, localCookie, token)}
	if b.shares(r) {
		if token, ok := gk.RenewAt(p, app.DefaultAudience); ok {
			cookies = append(cookies, b.ofDomain(token))
		}
	}
	return cookies
}

// SetFlow binds a sign-in that is under way to the browser; empty ends it.
func (b Browser) SetFlow(w http.ResponseWriter, r *http.Request, ticket string) {
	http.SetCookie(w, ofHost(r, flowCookie, flowCookieLocal, ticket))
}

// Flow is the ticket of the sign-in that is under way in this browser.
func (b Browser) Flow(r *http.Request) string { return onlyCookie(r, flowCookie, flowCookieLocal) }

// shares says whether the cookie of r's answer can be one of the domain's: a
// prefix needs TLS.
func (b Browser) shares(r *http.Request) bool { return b.Domain != "" && app.Encrypted(r) }

func (b Browser) ofDomain(value string) *http.Cookie {
	c := cookie(domainCookie, value)
	c.Domain, c.Secure = b.Domain, true
	return c
}

// ofHost is a cookie of the host: secure over TLS, else local.
func ofHost(r *http.Request, secure, local, value string) *http.Cookie {
	if app.Encrypted(r) {
		c := cookie(secure, value)
		c.Secure = true
		return c
	}
	return cookie(local, value)
}

// cookie ends with the browser: when the session is over, the server says.
func cookie(name, value string) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}
