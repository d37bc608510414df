package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// domainSites are two sites, one with an audience of its own, behind a proxy that
// says https.
func domainSites(app *backend, domain string) string {
	site := `http:// {
		bind "unix/{$KIT_DIR}/%s.sock"
		doorward {
			%s
		}
		reverse_proxy ` + app.Listener.Addr().String() + `
	}
	`
	return `{
		` + caddytestkit.Globals + `
		servers {
			trusted_proxies_unix
		}
		doorward {
			store sqlite "{$KIT_DIR}/doorward.db"
			` + domain + `
		}
	}
	` + fmt.Sprintf(site, "gate", "open /open") + fmt.Sprintf(site, "own", "audience own")
}

// SES-02, section 4: with cookie_domain one login opens the sites that share an
// audience, over TLS alone; one with its own needs a token of its own.
func TestCookieDomain(t *testing.T) {
	app := newBackend(t, nil)
	d, tokens := openToBrowsers(t, app, domainSites(app, "cookie_domain example.com"), true, 16*time.Minute, 0)
	own := *d
	own.client = d.Client("own")
	https, all := []string{"X-Forwarded-Proto", "https"}, "__Secure-doorward="
	if status, _, h := d.do(http.MethodGet, "/", "", append(https, "Cookie", all+tokens[1])...); status != http.StatusOK || h["Set-Cookie"] != nil {
		t.Fatalf("%d %v", status, h)
	}
	if cookies := app.last.Load().Header["Cookie"]; cookies != nil {
		t.Errorf("the app gets %q", cookies)
	}
	for what, headers := range map[string][]string{
		"over http":         {"X-Forwarded-Proto", "http", "Cookie", all + tokens[1]},
		"over who knows":    {"Cookie", all + tokens[1]},
		"another spelling":  append(https, "Cookie", "__secure-doorward="+tokens[1]),
		"two of them":       append(https, "Cookie", all+tokens[0]+"; "+all+tokens[1]),
		"beside the host's": append(https, "Cookie", all+tokens[0]+"; __Host-doorward="+tokens[1]),
		"a bad one":         append(https, "Cookie", all+tokens[0][1:]),
	} {
		t.Run(what, func(t *testing.T) { d.mustRefuse(t, "/", headers...) })
	}
	t.Run("a site with its own audience", func(t *testing.T) {
		own.mustRefuse(t, "/", append(https, "Cookie", all+tokens[1])...)
		own.mustRefuse(t, "/", append(https, "Cookie", "__Host-doorward="+tokens[1])...)
		own.mustRefuse(t, "/", append(https, "Authorization", tokens[1])...)
	})
	t.Run("renewed", func(t *testing.T) {
		_, _, h := d.do(http.MethodGet, "/", "", append(https, "Cookie", all+tokens[0])...)
		if set := h.Get("Set-Cookie"); len(h["Set-Cookie"]) != 1 || !strings.HasPrefix(set, all+"ey") || !strings.HasSuffix(set, "; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax") {
			t.Errorf("%v", h)
		}
	})
}

// Where each host has its own login, the cookie of a domain is none, and no app
// sees it: nor any other cookie of ours, on paths open to all.
func TestCookieOfADomainThatIsNotConfigured(t *testing.T) {
	app := newBackend(t, nil)
	d, tokens := openToBrowsers(t, app, domainSites(app, ""), false, 0)
	https := []string{"X-Forwarded-Proto", "https"}
	d.mustRefuse(t, "/", append(https, "Cookie", "__Secure-doorward="+tokens[0])...)
	cookies := "__Secure-doorward=a; __Host-doorward=b; doorward=c; __Host-doorward-flow=d; doorward-flow=e; a=b; xdoorward=kept"
	for _, path := range []string{"/open", "/"} {
		if status, body := d.get(path, append(https, "Authorization", tokens[0], "Cookie", cookies)...); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		if got := app.last.Load().Header.Get("Cookie"); got != "a=b; xdoorward=kept" {
			t.Errorf("%s: the app gets %q", path, got)
		}
	}
}
