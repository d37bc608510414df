package credentials

import (
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
		s.stripCookies(func(cookie string) bool { return s.isOurs(cookie, gk) })
	}
}

// StripDevice removes the secret of the browser's device alone: an app that is given the
// token could only be him as long as that is good.
func (s *Shown) StripDevice() {
	if slices.ContainsFunc(s.request.Header["Cookie"], func(line string) bool { return strings.Contains(line, deviceCookieLocal) }) {
		s.stripCookies(func(cookie string) bool { return slices.Contains(deviceCookies, nameOf(cookie)) })
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
func (s *Shown) stripCookies(ours func(cookie string) bool) {
	var kept []string
	for _, line := range s.request.Header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if part = strings.TrimSpace(part); part != "" && !ours(part) {
				kept = append(kept, part)
			}
		}
	}
	if len(kept) == 0 {
		delete(s.request.Header, "Cookie")
		return
	}
	s.request.Header["Cookie"] = []string{strings.Join(kept, "; ")}
}

// isOurs says whether a cookie is ours: by its name, whatever is in it, or by a
// token of ours, whatever the name. A dialect's cookie without one is that of a
// portal behind us.
func (s *Shown) isOurs(cookie string, gk *authcore.Gatekeeper) bool {
	name := nameOf(cookie)
	switch {
	case slices.Contains(ownCookies, name), s.proven != "" && strings.Contains(cookie, s.proven):
		return true
	case gk == nil:
		return slices.Contains(s.names, name) && holdsToken(cookie, nil)
	default:
		return holdsToken(cookie, gk)
	}
}

func nameOf(cookie string) string {
	name, _, _ := strings.Cut(cookie, "=")
	return strings.TrimSpace(name)
}
