package app

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
)

// checkSettings refuses what can't be honoured, and quotes it.
func (a *App) checkSettings() error {
	if err := a.checkWords(); err != nil {
		return err
	}
	if err := a.checkLifetimes(); err != nil {
		return err
	}
	if err := a.checkPortal(); err != nil {
		return err
	}
	var err error
	if a.PublicURL, err = readPublicURL(a.PublicURL); err != nil {
		return err
	}
	if a.CookieDomain, err = readCookieDomain(a.CookieDomain); err != nil {
		return err
	}
	return a.checkDomain()
}

// checkLifetimes holds the lifetimes against each other.
func (a *App) checkLifetimes() error {
	token := cmp.Or(time.Duration(a.TokenLifetime), authcore.DefaultLifetime)
	session := cmp.Or(time.Duration(a.SessionLifetime), max(token, authcore.DefaultLifetime))
	if session < token {
		return fmt.Errorf("session_lifetime %s is shorter than token_lifetime %s: a token can't outlive its session", session, token)
	}
	if idle := time.Duration(a.Idle); idle > session {
		return fmt.Errorf("idle %s is longer than session_lifetime %s: the session is over by then", idle, session)
	}
	return nil
}

// checkWords judges each setting by itself.
func (a *App) checkWords() error {
	if err := checkLifetime("token_lifetime", a.TokenLifetime); err != nil {
		return err
	}
	if err := checkLifetime("session_lifetime", a.SessionLifetime); err != nil {
		return err
	}
	if err := checkIdle(a.Idle); err != nil {
		return err
	}
	switch a.SigningAlgorithm {
	case "", authcore.ES256, authcore.EdDSA, authcore.RS256:
	default:
		return fmt.Errorf("signing_algorithm '%s' is not known: ES256, EdDSA or RS256", a.SigningAlgorithm)
	}
	switch a.Stale {
	case "", "strict", "best_effort":
	default:
		return fmt.Errorf("stale '%s' is not known: strict or best_effort", a.Stale)
	}
	if err := a.checkFactors(); err != nil {
		return err
	}
	if !strings.Contains(a.CookieDomain, "{") {
		if _, err := readCookieDomain(a.CookieDomain); err != nil {
			return err
		}
	}
	if !strings.Contains(a.PublicURL, "{") {
		_, err := readPublicURL(a.PublicURL)
		return err
	}
	return nil
}

func checkLifetime(name string, d caddy.Duration) error {
	life := time.Duration(d)
	if life != 0 && (life < time.Second || life > authcore.MaxTokenLifetime) {
		return fmt.Errorf("%s '%s' is out of range: 1s to %s", name, life, authcore.MaxTokenLifetime)
	}
	return nil
}

// readPublicURL gives the origin that a word means, in lower case.
func readPublicURL(word string) (string, error) {
	text, err := caddy.NewReplacer().ReplaceOrErr(word, true, true)
	if err != nil {
		return "", fmt.Errorf("public_url '%s': %v", word, err)
	}
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return "", fmt.Errorf("public_url '%s' is not an address like https://app.example.com (http only for localhost)", text)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Issuer is the "iss" of tokens.
func (a *App) Issuer() string {
	if a.PublicURL != "" {
		return a.PublicURL
	}
	return "doorward"
}

// label is the name in authenticator apps.
func (a *App) label() string {
	if _, host, ok := strings.Cut(a.PublicURL, "://"); ok {
		return host
	}
	return "Doorward"
}

// sealKeys reads the configured keys. A placeholder is quoted when it yields
// nothing good; a key that stands there in clear is not.
func sealKeys(words []string) ([][]byte, error) {
	var keys [][]byte
	for i, word := range words {
		quoted := fmt.Sprintf("seal_key '%s'", word)
		if !strings.Contains(word, "{") {
			quoted = fmt.Sprintf("seal_key number %d", i+1)
		}
		text, err := caddy.NewReplacer().ReplaceOrErr(word, true, true)
		if err != nil || text == "" {
			return nil, fmt.Errorf("%s is empty or can't be read: give 32 bytes in Base64, best as {file./path}", quoted)
		}
		key, err := seal.ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %v", quoted, err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	if _, err := seal.NewRing(keys...); err != nil {
		return nil, fmt.Errorf("seal_key: %v", err)
	}
	return keys, nil
}
