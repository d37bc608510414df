package credentials

import (
	"net/http"
	"slices"

	"github.com/doorward/doorward/caddymodule/app"
)

// cookieNames are the cookies that may hold our token. The prefix __Host- binds
// it to this host and to TLS (RFC 6265bis). The bare name is for loopback without
// TLS: elsewhere a neighbouring host could set it.
var cookieNames = []string{"__Host-doorward", "doorward"}

func mayHold(cookie string, r *http.Request) bool {
	return cookie == cookieNames[0] || cookie == cookieNames[1] && r.TLS == nil && app.Secure(r) && !app.TrustedProxy(r)
}

func (s *Shown) readCookies() {
	for _, name := range cookieNames {
		if !mayHold(name, s.request) {
			continue
		}
		for _, cookie := range s.request.CookiesNamed(name) {
			if !slices.Contains(s.cookies, cookie.Value) {
				s.cookies = append(s.cookies, cookie.Value)
			}
		}
	}
}
