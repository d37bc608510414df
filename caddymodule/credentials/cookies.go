package credentials

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/doorward/doorward/caddymodule/app"
)

// cookieNames are the cookies that may hold our token. The prefix __Host- binds
// it to this host and to TLS (RFC 6265bis). The bare name is for loopback without
// TLS: elsewhere a neighbouring host could set it.
var cookieNames = []string{"__Host-doorward", "doorward"}

func mayHold(cookie string, r *http.Request) bool {
	return cookie == cookieNames[0] || cookie == cookieNames[1] && r.TLS == nil && app.Secure(r) && !app.TrustedProxy(r)
}

// cookieName is a token of RFC 9110 section 5.6.2: what else stands before a "="
// is read by nobody.
var cookieName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// CheckCookieName refuses a name that no dialect can keep a token in: one that is
// none, and our own, for which the rules are stricter.
func CheckCookieName(name string) error {
	if !cookieName.MatchString(name) || slices.Contains(cookieNames, name) {
		return fmt.Errorf("a dialect can't keep a token in the cookie '%s': a name of letters, digits, - and _, and not Doorward's own", name)
	}
	return nil
}

func (s *Shown) readCookies() {
	for _, name := range cookieNames {
		if mayHold(name, s.request) {
			s.cookies = s.appendCookies(s.cookies, name)
		}
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
