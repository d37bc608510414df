package authcore

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// Readings lists every path that an app could read in a request: as sent,
// decoded once and twice, and each of these with backslashes as slashes, with
// ";" parameters cut, cut at what may end a path, and cleaned. A policy looks
// at all of them and the strictest decision counts (law 10). escaped is the path
// as it was sent, without the query.
//
// A plain path has one reading, and costs no allocation beyond the result.
func Readings(escaped string) []string {
	if plainPath(escaped) {
		return []string{escaped}
	}
	all := []string{escaped}
	for range 2 {
		all = add(all, unescape(all[len(all)-1]))
	}
	for _, read := range []func(string) string{slashes, cutParameters, cutEnd, clean} {
		for _, p := range slices.Clone(all) {
			all = add(all, read(p))
		}
	}
	return all
}

// plainPath says that every server reads p alike.
func plainPath(p string) bool {
	if p == "" || p[0] != '/' {
		return false
	}
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c >= 0x80, c <= 0x20, c == '%', c == '\\', c == ';', c == '#', c == '?', c == 0x7f:
			return false
		case c == '/' && i+1 < len(p) && (p[i+1] == '/' || p[i+1] == '.'):
			return false
		}
	}
	return true
}

func add(all []string, p string) []string {
	if slices.Contains(all, p) {
		return all
	}
	return append(all, p)
}

// unescape decodes what can be decoded and leaves the rest, as lenient servers do.
func unescape(p string) string {
	if u, err := url.PathUnescape(p); err == nil {
		return u
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			if u, err := url.PathUnescape(p[i : i+3]); err == nil {
				b.WriteString(u)
				i += 2
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

func slashes(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// cutParameters removes ";…" from each segment, as servlet containers do.
func cutParameters(p string) string {
	if !strings.Contains(p, ";") {
		return p
	}
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i], _, _ = strings.Cut(s, ";")
	}
	return strings.Join(segments, "/")
}

// cutEnd cuts at a query, a fragment or a NUL that hid in the path.
func cutEnd(p string) string {
	if i := strings.IndexAny(p, "?#\x00"); i >= 0 {
		return p[:i]
	}
	return p
}

// clean resolves dots and doubled slashes, and keeps a slash at the end.
func clean(p string) string {
	c := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && c != "/" {
		c += "/"
	}
	return c
}
