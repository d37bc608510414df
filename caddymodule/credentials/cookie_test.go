package credentials

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// SES-02, SES-03: the cookie without a prefix counts on loopback without TLS
// only. Elsewhere a neighbouring host could have set it.
func TestBareCookieIsForLoopback(t *testing.T) {
	for _, c := range []struct {
		name    string
		peer    string
		tls     bool
		trusted bool
		want    int // cookies that count
	}{
		{"loopback", "127.0.0.1", false, false, 2},
		{"loopback over TLS", "127.0.0.1", true, false, 1},
		{"another machine", "192.0.2.9", false, false, 1},
		{"another machine over TLS", "192.0.2.9", true, false, 1},
		{"a trusted proxy", "127.0.0.1", false, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "http://gate/", nil)
			r.RemoteAddr = c.peer + ":1234"
			r.Header.Set("Cookie", "__Host-doorward=a; doorward=b; asc_auth_key=c")
			r.Header.Set("X-Forwarded-Proto", "https")
			if c.tls {
				r.TLS = new(tls.ConnectionState)
			}
			ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{caddyhttp.TrustedProxyVarKey: c.trusted})
			ctx = context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(c.peer), Port: 80})
			shown := Read(r.WithContext(ctx), []string{dialectCookie})
			if len(shown.cookies) != c.want || shown.cookies[0] != "a" {
				t.Errorf("%q count, want %d", shown.cookies, c.want)
			}
			if !slices.Equal(shown.dialects, []string{"c"}) {
				t.Errorf("of the dialect's %q count", shown.dialects)
			}
		})
	}
}

// A request without such a cookie costs the same with a dialect as without: the
// most are of the app, and every request has them.
func TestNamesOfDialectsCostNothing(t *testing.T) {
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Authorization", "Bearer a.b.c")
	cost := func(names []string) float64 {
		return testing.AllocsPerRun(100, func() {
			request.Header["Cookie"] = []string{"theme=dark; lang=en"}
			shown := Read(request, names)
			shown.Strip(nil)
			request.Header["Authorization"] = []string{"Bearer a.b.c"}
		})
	}
	if without, with := cost(nil), cost([]string{dialectCookie, "portal_key", "third"}); with != without {
		t.Errorf("%.0f allocations, without a dialect %.0f", with, without)
	}
}

// Law 14: a name that can't be honoured, or that is our own, is quoted.
func TestCookieNamesOfDialects(t *testing.T) {
	for _, name := range []string{dialectCookie, "__Host-portal", "a.b"} {
		if err := CheckCookieName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "doorward", "__Host-doorward", "doorward-device", "__Host-doorward-device", "a b", "a=b", "a;b", "ä", "a\n"} {
		if err := CheckCookieName(name); err == nil || !strings.Contains(err.Error(), "'"+name+"'") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
