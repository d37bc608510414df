package oidc

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalCaddyfile sets up the source from Caddyfile tokens:
//
//	identity <name> oidc {
//		issuer <url>
//		client_id <id>
//		client_secret <secret>
//		redirect_url <url>
//	}
func (o *OIDC) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the module's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': identity oidc takes a block", d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		setting, known := o.words()[word]
		if !known {
			return d.Errf("unrecognized option '%s' of identity oidc: issuer, client_id, client_secret, redirect_url", word)
		}
		if *setting != "" {
			return d.Errf("'%s' is already specified", word)
		}
		if !d.NextArg() || d.Val() == "" {
			return d.Errf("'%s' needs a value", word)
		}
		if *setting = d.Val(); d.NextArg() { // which may be the rest of a secret: not quoted
			return d.Errf("'%s' takes one value: quote it if it has spaces", word)
		}
		if err := o.checkWords(false); err != nil { // judged here, where file and line are known
			return d.WrapErr(err)
		}
	}
	if err := o.check(false); err != nil {
		return d.WrapErr(err)
	}
	return nil
}

func (o *OIDC) words() map[string]*string {
	return map[string]*string{
		"issuer": &o.Issuer, "client_id": &o.ClientID, "client_secret": &o.ClientSecret, "redirect_url": &o.RedirectURL,
	}
}

// resolve quotes a placeholder in its error, and never what it stands for.
func (o *OIDC) resolve() error {
	words := o.words()
	for _, word := range slices.Sorted(maps.Keys(words)) {
		setting := words[word]
		if *setting == "" {
			continue
		}
		text, err := caddy.NewReplacer().ReplaceOrErr(*setting, true, true)
		if err != nil || text == "" {
			quoted := "a placeholder in it"
			if strings.HasPrefix(*setting, "{") && strings.Index(*setting, "}") == len(*setting)-1 {
				quoted = "'" + *setting + "'"
			}
			return fmt.Errorf("identity oidc: %s: %s is empty or not known", word, quoted)
		}
		*setting = text
	}
	return nil
}

// check refuses what can't be honoured; resolved says that no placeholder is left.
func (o *OIDC) check(resolved bool) error {
	switch {
	case o.Issuer == "":
		return fmt.Errorf("identity oidc needs an issuer, like https://accounts.example.com")
	case o.ClientID == "":
		return fmt.Errorf("identity oidc needs a client_id: the audience that tokens must have")
	case o.RedirectURL != "" && o.ClientSecret == "":
		return fmt.Errorf("identity oidc: redirect_url is for codes, which need a client_secret too")
	}
	return o.checkWords(resolved)
}

// checkWords judges each setting by itself. One with a placeholder is known
// only where the server runs.
func (o *OIDC) checkWords(resolved bool) error {
	known := func(text string) bool { return text != "" && (resolved || !strings.Contains(text, "{")) }
	if known(o.Issuer) && !plain(o.Issuer, true) {
		return fmt.Errorf("issuer '%s' is not an address like https://accounts.example.com (http only for localhost)", o.Issuer)
	}
	u, err := url.Parse(o.RedirectURL)
	if known(o.RedirectURL) && (err != nil || u.Scheme == "" || u.Fragment != "") {
		return fmt.Errorf("redirect_url '%s' is not an absolute address (RFC 6749 section 3.1.2)", o.RedirectURL)
	}
	return nil
}

// plain says whether text is an address that secrets may be sent to and tokens
// may be named by: https, or http to this machine if that is allowed.
func plain(text string, local bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || local && u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

var _ caddyfile.Unmarshaler = (*OIDC)(nil)
