package gate

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"

	"github.com/doorward/doorward/caddymodule/app"
)

var originHost = regexp.MustCompile(`^(([a-z0-9-]+\.)*[a-z0-9-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]*)?$`)

// checkOrigin refuses what no browser sends as the origin of a page (RFC 6454
// section 6.2), and what would name more than one (WEB-07).
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host || !originHost.MatchString(u.Host) ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopbackName(u.Hostname())) {
		return fmt.Errorf("allow_origin '%s' is not one origin as browsers send it: https://app.example.com, in lower case and without a path (http only for localhost)", origin)
	}
	if u.Port() == "443" && u.Scheme == "https" || u.Port() == "80" && u.Scheme == "http" {
		return fmt.Errorf("allow_origin '%s': browsers leave out the port :%s", origin, u.Port())
	}
	return nil
}

func loopbackName(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// namedOrigin is the origin of the page that asks, if it is one of the site's.
func (g *Gate) namedOrigin(r *http.Request) (origin string, named bool) {
	if len(g.AllowOrigin) == 0 || len(r.Header["Origin"]) != 1 {
		return "", false
	}
	origin = r.Header["Origin"][0]
	return origin, slices.Contains(g.AllowOrigin, origin)
}

// nameOrigin lets a page of a named origin read a refusal, and no other page. What
// the app answers is the app's to name.
func (g *Gate) nameOrigin(h http.Header, r *http.Request) {
	if len(g.AllowOrigin) == 0 {
		return
	}
	h.Add("Vary", "Origin")
	if origin, named := g.namedOrigin(r); named {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After, Grpc-Status, Grpc-Message")
	}
}

// preflight is the question of a browser whether a page of a named origin may ask
// (Fetch standard, CORS-preflight): it never carries a login, and the app answers
// it. What could be anything more is none.
func (g *Gate) preflight(r *http.Request) bool {
	method, _ := app.Original(r)
	_, named := g.namedOrigin(r)
	return named && method == http.MethodOptions && r.Method == http.MethodOptions && renews(r) &&
		len(r.Header["Access-Control-Request-Method"]) == 1 && r.Header["Access-Control-Request-Method"][0] != "" &&
		r.ContentLength == 0 // which is -1 for a body whose length is not told
}
