// Package credentials reads what a request shows of tokens, says whom that
// proves, and takes it away before the app. Every door asks here, so that a token
// counts at all of them or at none.
package credentials

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
)

// Shown is what a request shows, by where it shows it.
type Shown struct {
	authorization string   // Authorization: TOKEN or Bearer TOKEN
	proxy         string   // Proxy-Authorization: Bearer TOKEN
	cookies       []string // values of our cookies of this host
	domain        []string // values of our cookie of the domain
	dialects      []string // values of the cookies of dialects
	names         []string // of the cookies of dialects
	doubled       bool     // a header that may stand once stands twice
	proven        string   // the token of these that proved somebody
	byCookie      bool     // a cookie alone proved him
	own           string   // which cookie of ours it was; empty: none, or not alone
	request       *http.Request
}

// Read takes from r what could be a token: out of Authorization, raw or as Bearer,
// of Proxy-Authorization, of our own cookies, and of the cookies with these names,
// in which the clients of dialects keep it. It proves nothing yet.
func Read(r *http.Request, dialectCookies []string) Shown {
	s := Shown{request: r, names: dialectCookies}
	authorization, proxy := r.Header["Authorization"], r.Header["Proxy-Authorization"]
	s.doubled = len(authorization) > 1 || len(proxy) > 1
	if len(authorization) == 1 {
		s.authorization = authorization[0]
		if token, ok := bearer(s.authorization); ok {
			s.authorization = token
		}
	}
	if len(proxy) == 1 {
		if token, ok := bearer(proxy[0]); ok {
			s.proxy = token
		} else {
			s.proxy = "?" // whatever it is, it is not ours, and it is for us
		}
	}
	if len(r.Header["Cookie"]) > 0 {
		s.readCookies()
	}
	return s
}

// bearer reads the token of a Bearer scheme, whose name has any case (RFC 9110).
func bearer(value string) (string, bool) {
	scheme, token, found := strings.Cut(value, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimLeft(token, " "), true
}

// The refusals of credentials. ErrNoToken is the only one whose text says so: what
// was wrong with a token that was shown is nobody's business.
var (
	ErrNoToken  = authcore.Errorf(authcore.CodeUnauthenticated, "a login is required")
	errBadToken = authcore.Errorf(authcore.CodeUnauthenticated, "the token is not valid here, or no longer")
	errDoubled  = authcore.Errorf(authcore.CodeUnauthenticated, "the token is not valid here, or no longer")
	// ErrTwo is for two different tokens, each good: a new login would not help.
	ErrTwo = authcore.Errorf(authcore.CodeUnauthenticated, "the token is not valid here, or no longer")
)

// Principal is who the credentials prove. What is for us must be valid; a
// cookie that opens nothing is no session; a foreign Authorization beside a
// valid token is the app's; two different valid tokens of ours are refused. An
// error is CodeUnauthenticated, or CodeUnavailable when it can't be known.
func (s *Shown) Principal(ctx context.Context, gk *authcore.Gatekeeper, audience string) (*authcore.Principal, error) {
	if s.doubled {
		return nil, errDoubled
	}
	one := single{ctx: ctx, gatekeeper: gk, audience: audience}
	if s.proxy != "" {
		if err := one.take(s.proxy); err != nil {
			return nil, err
		}
	}
	if err := s.takeCookies(&one); err != nil {
		return nil, err
	}
	s.byCookie = one.principal != nil && s.proxy == ""
	if s.byCookie && foreignUpgrade(s.request) {
		return nil, errBadToken
	}
	if s.authorization != "" && (one.principal == nil || gk.Issued(s.authorization)) {
		if err := one.take(s.authorization); err != nil {
			return nil, err
		}
		s.byCookie = false
	}
	switch {
	case one.principal != nil:
		s.proven = one.token
		return one.principal, nil
	case len(s.cookies)+len(s.domain) > 0 || slices.ContainsFunc(s.dialects, gk.Issued):
		return nil, errBadToken
	default: // a dialect's cookie with something else in it is that of a portal behind us
		return nil, ErrNoToken
	}
}

// takeCookies takes what is in our cookies, and in those of dialects. The domain's
// is for the sites that share an audience; others get a token of the same session
// (Gatekeeper.Carry).
func (s *Shown) takeCookies(one *single) error {
	if err := one.takeSome(s.cookies); err != nil {
		return err
	}
	if one.principal != nil {
		s.own = hostCookie
	}
	if one.audience != app.DefaultAudience || !one.gatekeeper.OneLogin() {
		s.domain = nil
	}
	if err := one.takeSome(s.domain); err != nil {
		return err
	}
	if one.principal != nil && s.own == "" {
		s.own = domainCookie
	}
	if slices.Contains(s.dialects, one.token) { // a new one in ours would make them two
		s.own = ""
	}
	return one.takeSome(s.dialects)
}

// Opened are the sessions that the cookies open, each once: also when they are two,
// which prove nobody. It is for who ends them.
func (s *Shown) Opened(ctx context.Context, gk *authcore.Gatekeeper, audience string) (opened []*authcore.Principal, err error) {
	cookies := slices.Concat(s.cookies, s.dialects)
	if audience == app.DefaultAudience && gk.OneLogin() {
		cookies = append(cookies, s.domain...)
	}
	for _, cookie := range cookies {
		p, err := gk.Authenticate(ctx, cookie, audience)
		if authcore.CodeOf(err) == authcore.CodeUnauthenticated {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(opened, func(other *authcore.Principal) bool { return other.SessionID == p.SessionID }) {
			opened = append(opened, p)
		}
	}
	return opened, nil
}

// ByCookie says whether Principal found somebody by a cookie alone, which a
// browser sends whatever page asks.
func (s *Shown) ByCookie() bool { return s.byCookie }

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
		return ErrTwo
	}
	s.principal, s.token = p, token
	return nil
}

// takeSome takes what is valid of the values of cookies. The others are no
// session, whatever they are.
func (s *single) takeSome(cookies []string) error {
	for _, cookie := range cookies {
		if err := s.take(cookie); errors.Is(err, ErrTwo) || err != nil && authcore.CodeOf(err) != authcore.CodeUnauthenticated {
			return err
		}
	}
	return nil
}
