package credentials

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
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
			r.Header.Set("Cookie", "__Host-doorward=a; doorward=b")
			r.Header.Set("X-Forwarded-Proto", "https")
			if c.tls {
				r.TLS = new(tls.ConnectionState)
			}
			ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{caddyhttp.TrustedProxyVarKey: c.trusted})
			ctx = context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(c.peer), Port: 80})
			shown := Read(r.WithContext(ctx), nil)
			if len(shown.cookies) != c.want || shown.cookies[0] != "a" {
				t.Errorf("%q count, want %d", shown.cookies, c.want)
			}
		})
	}
}
