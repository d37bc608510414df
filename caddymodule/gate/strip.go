package gate

import (
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// strip removes our own tokens and cookies, so that no app ever holds one. gk
// is nil while the store is away: then what could be ours counts as ours. What
// has just proven somebody is ours: it need not be read again.
func (c *credentials) strip(r *http.Request, gk *authcore.Gatekeeper) {
	delete(r.Header, "Proxy-Authorization")
	if c.proven != "" && c.authorization == c.proven ||
		slices.ContainsFunc(r.Header["Authorization"], func(value string) bool { return holdsToken(value, gk) }) {
		delete(r.Header, "Authorization")
	}
	if len(r.Header["Cookie"]) > 0 {
		stripCookies(r.Header, gk)
	}
}

// holdsToken says whether a token of ours is anywhere in a value, in whatever it
// is wrapped.
func holdsToken(value string, gk *authcore.Gatekeeper) bool {
	if strings.Count(value, ".") < 2 {
		return false
	}
	for part := range strings.FieldsFuncSeq(value, func(c rune) bool { return !authcore.IsTokenRune(c) }) {
		if part = strings.Trim(part, "."); strings.Count(part, ".") == 2 && (gk == nil || gk.Issued(part)) {
			return true
		}
	}
	return false
}

// stripCookies reads the lines by itself: net/http passes over what is malformed
// and over all of too many, and an app may read either.
func stripCookies(h http.Header, gk *authcore.Gatekeeper) {
	var kept []string
	for _, line := range h["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			part = strings.TrimSpace(part)
			name, _, _ := strings.Cut(part, "=")
			if part != "" && !slices.Contains(cookieNames, strings.TrimSpace(name)) && (gk == nil || !holdsToken(part, gk)) {
				kept = append(kept, part)
			}
		}
	}
	if len(kept) == 0 {
		delete(h, "Cookie")
		return
	}
	h["Cookie"] = []string{strings.Join(kept, "; ")}
}
