package credentials

import (
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// Strip removes our own tokens and cookies, so that no app ever holds one. gk
// is nil while the store is away: then what could be ours counts as ours. What
// has just proven somebody is ours: it need not be read again.
func (s *Shown) Strip(gk *authcore.Gatekeeper) {
	delete(s.request.Header, "Proxy-Authorization")
	if s.proven != "" && s.authorization == s.proven ||
		slices.ContainsFunc(s.request.Header["Authorization"], func(value string) bool { return holdsToken(value, gk) }) {
		delete(s.request.Header, "Authorization")
	}
	if len(s.request.Header["Cookie"]) > 0 {
		stripCookies(s.request.Header, gk)
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
