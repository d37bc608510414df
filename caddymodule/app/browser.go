package app

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"golang.org/x/net/publicsuffix"
)

// minIdle is the shortest idle time: what is shorter signs out whoever reads.
const minIdle = time.Minute

// parseIdle reads a duration. checkLifetimes holds it against the session's.
func parseIdle(d *caddyfile.Dispenser) (caddy.Duration, error) {
	text, err := oneArgument(d)
	if err != nil {
		return 0, err
	}
	idle, err := caddy.ParseDuration(text)
	if err != nil || idle < minIdle {
		return 0, d.Errf("invalid idle '%s': a duration like 30m, from 1m to session_lifetime", text)
	}
	return caddy.Duration(idle), nil
}

func checkIdle(d caddy.Duration) error {
	if idle := time.Duration(d); idle != 0 && idle < minIdle {
		return fmt.Errorf("idle '%s' is out of range: 1m to session_lifetime", idle)
	}
	return nil
}

// domainName is a name that cookies can have (RFC 1034 section 3.5), of two
// labels or more.
var domainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)

// readCookieDomain gives the domain that a word means, in lower case. Browsers
// refuse a public suffix, and whatever stands below one belongs to strangers.
func readCookieDomain(word string) (string, error) {
	text, err := caddy.NewReplacer().ReplaceOrErr(word, true, true)
	if err != nil {
		return "", fmt.Errorf("cookie_domain '%s': %v", word, err)
	}
	if text == "" {
		return "", nil
	}
	domain := strings.ToLower(text)
	if _, err := netip.ParseAddr(domain); err == nil || len(domain) > 253 || !domainName.MatchString(domain) {
		return "", fmt.Errorf("cookie_domain '%s' is not a domain like example.com, without https://, a port or a dot in front", text)
	}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain {
		return "", fmt.Errorf("cookie_domain '%s' is a suffix below which anybody can have a name: browsers take no cookie for it", text)
	}
	return domain, nil
}

// checkDomain holds the domain of the cookies against the address of the
// gateway, both as they were read.
func (a *App) checkDomain() error {
	if a.CookieDomain == "" || a.PublicURL == "" || strings.Contains(a.CookieDomain+a.PublicURL, "{") {
		return nil
	}
	origin, err := readPublicURL(a.PublicURL)
	if err != nil {
		return err
	}
	domain, err := readCookieDomain(a.CookieDomain)
	if err != nil {
		return err
	}
	u, err := url.Parse(origin)
	if err != nil {
		return err
	}
	if host := u.Hostname(); host != domain && !strings.HasSuffix(host, "."+domain) {
		return fmt.Errorf("public_url '%s' is not in cookie_domain '%s': nobody could sign in there", a.PublicURL, a.CookieDomain)
	}
	return nil
}
