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

// The ways in which a browser can reach us.
var roads = map[string]func(*http.Request) *http.Request{
	"TLS": func(r *http.Request) *http.Request {
		r.TLS = new(tls.ConnectionState)
		return road(r, "192.0.2.9", false)
	},
	"TLS on this machine": func(r *http.Request) *http.Request {
		r.TLS = new(tls.ConnectionState)
		return road(r, "127.0.0.1", false)
	},
	"a proxy, https":         func(r *http.Request) *http.Request { return said(road(r, "10.0.0.1", true), "https") },
	"a proxy, http":          func(r *http.Request) *http.Request { return said(road(r, "10.0.0.1", true), "http") },
	"this machine":           func(r *http.Request) *http.Request { return road(r, "127.0.0.1", false) },
	"this machine, lying":    func(r *http.Request) *http.Request { return said(road(r, "127.0.0.1", false), "https") },
	"another machine":        func(r *http.Request) *http.Request { return road(r, "192.0.2.9", false) },
	"another one as Host us": func(r *http.Request) *http.Request { r.Host = "localhost"; return road(r, "192.0.2.9", false) },
}

func road(r *http.Request, peer string, trusted bool) *http.Request {
	r.RemoteAddr = peer + ":1234"
	ctx := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{caddyhttp.TrustedProxyVarKey: trusted})
	return r.WithContext(context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(peer), Port: 80}))
}

func said(r *http.Request, proto string) *http.Request {
	r.Header.Set("X-Forwarded-Proto", proto)
	return r
}

// SES-02, SES-03: which of our cookies may hold a session, by how the browser
// reached us. Host has no say, and no header of a stranger.
func TestWhichCookiesCount(t *testing.T) {
	for name, want := range map[string]struct{ host, domain, flow, device string }{
		"TLS":                    {"h", "d", "f", "i"},
		"TLS on this machine":    {"h", "d", "f", "i"},
		"a proxy, https":         {"h", "d", "f", "i"},
		"a proxy, http":          {"h", "", "", ""},
		"this machine":           {"h b", "", "g", "j"},
		"this machine, lying":    {"h b", "", "g", "j"},
		"another machine":        {"h", "", "", ""},
		"another one as Host us": {"h", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "http://gate/", nil)
			r.Header.Set("Cookie", "__Host-doorward=h; doorward=b; __Secure-doorward=d; __Host-doorward-flow=f; doorward-flow=g; __Host-doorward-device=i; doorward-device=j")
			r = roads[name](r)
			shown := Read(r, nil)
			if got := strings.Join(shown.cookies, " "); got != want.host {
				t.Errorf("of this host %q count, want %q", got, want.host)
			}
			if got := strings.Join(shown.domain, " "); got != want.domain {
				t.Errorf("of the domain %q count, want %q", got, want.domain)
			}
			if got := (Browser{}).Flow(r); got != want.flow {
				t.Errorf("the flow is %q, want %q", got, want.flow)
			}
			if got := (Browser{}).Device(r); got != want.device {
				t.Errorf("the device is %q, want %q", got, want.device)
			}
			shown.Strip(nil)
			if left := r.Header["Cookie"]; left != nil {
				t.Errorf("the app gets %q", left)
			}
		})
	}
}

// SES-02: the attributes of every cookie that we set.
func TestCookiesAsSet(t *testing.T) {
	const secure, local, ended = "; Path=/; HttpOnly; Secure; SameSite=Lax", "; Path=/; HttpOnly; SameSite=Lax", "; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	const years = "; Path=/; Max-Age=34560000; HttpOnly"
	domain, gone := "; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax", "; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	all := Browser{Domain: "example.com"}
	for _, c := range []struct {
		what, road string
		shown      string
		set        func(w http.ResponseWriter, r *http.Request)
		want       []string
	}{
		{"a token", "TLS", "", func(w http.ResponseWriter, r *http.Request) { Browser{}.SetToken(w, r, "t") }, []string{"__Host-doorward=t" + secure}},
		{"a token", "a proxy, https", "", func(w http.ResponseWriter, r *http.Request) { Browser{}.SetToken(w, r, "t") }, []string{"__Host-doorward=t" + secure}},
		{"a token", "this machine", "", func(w http.ResponseWriter, r *http.Request) { Browser{}.SetToken(w, r, "t") }, []string{"doorward=t" + local}},
		{"a token of a domain", "TLS", "a=b", func(w http.ResponseWriter, r *http.Request) { all.SetToken(w, r, "t") }, []string{"__Secure-doorward=t" + domain}},
		{"a token of a domain", "this machine", "", func(w http.ResponseWriter, r *http.Request) { all.SetToken(w, r, "t") }, []string{"doorward=t" + local}},
		{
			"a token of a domain, in place of the host's", "TLS", "__Host-doorward=old",
			func(w http.ResponseWriter, r *http.Request) { all.SetToken(w, r, "t") },
			[]string{"__Secure-doorward=t" + domain, "__Host-doorward=" + ended},
		},
		{"a token for a host of a domain", "TLS", "", func(w http.ResponseWriter, r *http.Request) { all.SetHostToken(w, r, "t") }, []string{"__Host-doorward=t" + secure}},
		{"a flow", "TLS", "", func(w http.ResponseWriter, r *http.Request) { all.SetFlow(w, r, "t") }, []string{"__Host-doorward-flow=t" + secure}},
		{"a flow", "this machine", "", func(w http.ResponseWriter, r *http.Request) { all.SetFlow(w, r, "t") }, []string{"doorward-flow=t" + local}},
		{"the end of a flow", "TLS", "", func(w http.ResponseWriter, r *http.Request) { all.SetFlow(w, r, "") }, []string{"__Host-doorward-flow=" + ended}},
		{"a device", "TLS", "", func(w http.ResponseWriter, r *http.Request) { all.SetDevice(w, r, "s") }, []string{"__Host-doorward-device=s" + years + "; Secure; SameSite=Lax"}},
		{"a device", "this machine", "", func(w http.ResponseWriter, r *http.Request) { all.SetDevice(w, r, "s") }, []string{"doorward-device=s" + years + "; SameSite=Lax"}},
		{"the end of a device", "TLS", "", all.DropDevice, []string{"__Host-doorward-device=" + ended}},
		{"the end", "TLS", "", Browser{}.DropToken, []string{"__Host-doorward=" + ended, "doorward=" + ended}},
		{"the end", "this machine", "", Browser{}.DropToken, []string{"doorward=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"}},
		{"the end at a domain", "TLS", "", all.DropToken, []string{"__Host-doorward=" + ended, "doorward=" + ended, "__Secure-doorward=" + gone}},
	} {
		t.Run(c.what+", "+c.road, func(t *testing.T) {
			r, w := httptest.NewRequest(http.MethodGet, "http://gate/", nil), httptest.NewRecorder()
			r.Header.Set("Cookie", c.shown)
			c.set(w, roads[c.road](r))
			if got := w.Header()["Set-Cookie"]; !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Of two secrets none is the browser's: another host, or a page over plain HTTP, may
// have set one (RFC 6265 section 8.6).
func TestTwoSecretsAreNone(t *testing.T) {
	r := roads["TLS"](httptest.NewRequest(http.MethodGet, "http://gate/", nil))
	r.Header.Set("Cookie", "__Host-doorward-device=a; __Host-doorward-device=b")
	if got := (Browser{}).Device(r); got != "" {
		t.Errorf("the device is %q", got)
	}
}
