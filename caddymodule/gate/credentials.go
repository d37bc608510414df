package gate

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
)

// cookieNames are the cookies that may hold our token. The prefix __Host- binds
// it to this host and to TLS (RFC 6265bis). The bare name is for loopback without
// TLS: elsewhere a neighbouring host could set it.
var cookieNames = []string{"__Host-doorward", "doorward"}

func mayHold(cookie string, r *http.Request) bool {
	return cookie == cookieNames[0] || cookie == cookieNames[1] && r.TLS == nil && app.Secure(r) && !app.TrustedProxy(r)
}

// credentials is what a request shows, by where it shows it.
type credentials struct {
	authorization string   // Authorization: TOKEN or Bearer TOKEN
	proxy         string   // Proxy-Authorization: Bearer TOKEN
	cookies       []string // values of our cookies
	doubled       bool     // a header that may stand once stands twice
	proven        string   // the token of these that proved somebody
	request       *http.Request
}

func readCredentials(r *http.Request) credentials {
	c := credentials{request: r}
	authorization, proxy := r.Header["Authorization"], r.Header["Proxy-Authorization"]
	c.doubled = len(authorization) > 1 || len(proxy) > 1
	if len(authorization) == 1 {
		c.authorization = authorization[0]
		if token, ok := bearer(c.authorization); ok {
			c.authorization = token
		}
	}
	if len(proxy) == 1 {
		if token, ok := bearer(proxy[0]); ok {
			c.proxy = token
		} else {
			c.proxy = "?" // whatever it is, it is not ours, and it is for us
		}
	}
	if len(r.Header["Cookie"]) > 0 {
		c.readCookies()
	}
	return c
}

func (c *credentials) readCookies() {
	for _, name := range cookieNames {
		if !mayHold(name, c.request) {
			continue
		}
		for _, cookie := range c.request.CookiesNamed(name) {
			if !slices.Contains(c.cookies, cookie.Value) {
				c.cookies = append(c.cookies, cookie.Value)
			}
		}
	}
}

// bearer reads the token of a Bearer scheme, whose name has any case (RFC 9110).
func bearer(value string) (string, bool) {
	scheme, token, found := strings.Cut(value, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimLeft(token, " "), true
}

// The refusals of credentials. errNoToken is the only one that says so: what
// was wrong with a token that was shown is nobody's business.
var (
	errNoToken  = authcore.Errorf(authcore.CodeUnauthenticated, "a login is required")
	errBadToken = authcore.Errorf(authcore.CodeUnauthenticated, "the token is not valid here, or no longer")
	errDoubled  = authcore.Errorf(authcore.CodeUnauthenticated, "the token is not valid here, or no longer")
)

// principal is who the credentials prove. What is for us must be valid; a
// cookie that opens nothing is no session; a foreign Authorization beside a
// valid token is the app's; two different valid tokens of ours are refused.
func (c *credentials) principal(ctx context.Context, gk *authcore.Gatekeeper, audience string) (*authcore.Principal, error) {
	if c.doubled {
		return nil, errDoubled
	}
	one := single{ctx: ctx, gatekeeper: gk, audience: audience}
	if c.proxy != "" {
		if err := one.take(c.proxy); err != nil {
			return nil, err
		}
	}
	for _, cookie := range c.cookies {
		if err := one.take(cookie); errors.Is(err, errDoubled) || err != nil && authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			return nil, err
		}
	}
	if one.principal != nil && c.proxy == "" && foreignUpgrade(c.request) {
		return nil, errBadToken
	}
	if c.authorization != "" && (one.principal == nil || gk.Issued(c.authorization)) {
		if err := one.take(c.authorization); err != nil {
			return nil, err
		}
	}
	switch {
	case one.principal != nil:
		c.proven = one.token
		return one.principal, nil
	case len(c.cookies) > 0:
		return nil, errBadToken
	default:
		return nil, errNoToken
	}
}

// foreignUpgrade is a WebSocket that a page of another origin opens. A browser
// sends our cookie along with it, and says where the page is from.
func foreignUpgrade(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || r.Header.Get("Upgrade") == "" && !extendedConnect(r) {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// single takes tokens as long as they are the same one.
type single struct {
	ctx        context.Context
	gatekeeper *authcore.Gatekeeper
	audience   string
	token      string
	principal  *authcore.Principal
}

func (s *single) take(token string) error {
	if s.principal != nil && s.token == token {
		return nil
	}
	p, err := s.gatekeeper.Authenticate(s.ctx, token, s.audience)
	if err != nil {
		return err
	}
	if s.principal != nil {
		return errDoubled
	}
	s.principal, s.token = p, token
	return nil
}
