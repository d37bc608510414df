package credentials

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/doorward/doorward/caddymodule/app"
)

// The cookies that may hold our token. The prefix __Host- binds it to this host and
// to TLS, __Secure- to TLS (RFC 6265bis): it is that of a domain with one login. The
// bare name is for loopback without TLS, where no name may have a prefix: elsewhere
// a neighbouring host could set it.
const (
	hostCookie   = "__Host-doorward"
	localCookie  = "doorward"
	domainCookie = "__Secure-doorward"
)

// Those that hold a sign-in that is under way.
const (
	flowCookie      = "__Host-doorward-flow"
	flowCookieLocal = "doorward-flow"
)

// ownCookies are for us alone, whatever is in them.
var ownCookies = []string{hostCookie, localCookie, domainCookie, flowCookie, flowCookieLocal, deviceCookie, deviceCookieLocal}

func mayHold(cookie string, r *http.Request) bool {
	switch cookie {
	case hostCookie:
		return true
	case domainCookie:
		return app.Encrypted(r)
	default:
		return !app.Encrypted(r) && app.Secure(r)
	}
}

// cookieName is a token of RFC 9110 section 5.6.2: what else stands before a "="
// is read by nobody.
var cookieName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// CheckCookieName refuses a name that no dialect can keep a token in: one that is
// none, and our own, for which the rules are stricter.
func CheckCookieName(name string) error {
	if !cookieName.MatchString(name) || slices.Contains(ownCookies, name) {
		return fmt.Errorf("a dialect can't keep a token in the cookie '%s': a name of letters, digits, - and _, and not Doorward's own", name)
	}
	return nil
}

func (s *Shown) readCookies() {
	for _, name := range []string{hostCookie, localCookie} {
		if mayHold(name, s.request) {
			s.cookies = s.appendCookies(s.cookies, name)
		}
	}
	if mayHold(domainCookie, s.request) {
		s.domain = s.appendCookies(s.domain, domainCookie)
	}
	for _, name := range s.names {
		s.dialects = s.appendCookies(s.dialects, name)
	}
}

// appendCookies looks before it has net/http parse, which costs an allocation for
// every name. Most cookies are the app's.
func (s *Shown) appendCookies(values []string, name string) []string {
	if !slices.ContainsFunc(s.request.Header["Cookie"], func(line string) bool { return strings.Contains(line, name) }) {
		return values
	}
	for _, cookie := range s.request.CookiesNamed(name) {
		if !slices.Contains(values, cookie.Value) {
			values = append(values, cookie.Value)
		}
	}
	return values
}
