package authcore

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// The bounds of a list of readings. A path that people or programs make has a
// handful; only one made to be costly comes near.
const (
	maxReadings     = 256
	maxReadingBytes = 1 << 18
)

// Readings lists every path that an app could read in a request: as sent,
// decoded once and twice, and, before and after each decoding, with backslashes
// as slashes, cut at what may end a path, with ";" parameters cut, and cleaned.
// (A servlet container cuts parameters before it decodes; a proxy before an app
// cleans first.) A policy looks at all of them and the strictest decision counts
// (law 10). escaped is the path as it was sent, without the query.
//
// Beyond the bounds the list ends with "", which nothing opens.
//
// A plain path has one reading, and costs no allocation beyond the result.
func Readings(escaped string) []string { return AppendReadings(nil, escaped) }

// AppendReadings is Readings for who has room for them.
func AppendReadings(to []string, escaped string) []string {
	if plainPath(escaped) {
		return append(to, escaped)
	}
	return append(to, oddReadings(escaped)...)
}

func oddReadings(escaped string) []string {
	all := readings{list: []string{escaped}, bytes: len(escaped)}
	// The likeliest come first, so that they are there whatever the bounds.
	for _, p := range []string{unescape(escaped), unescape(unescape(escaped))} {
		all.add(p)
	}
	all.vary()
	all.bounded = true
	for range 2 {
		all.each(unescape)
		all.vary()
	}
	if all.full {
		return append(all.list, "")
	}
	return all.list
}

type readings struct {
	list          []string
	bytes         int
	bounded, full bool
}

func (r *readings) add(p string) {
	if slices.Contains(r.list, p) {
		return
	}
	if r.bounded && (len(r.list) >= maxReadings || r.bytes+len(p) > maxReadingBytes) {
		r.full = true
		return
	}
	r.list, r.bytes = append(r.list, p), r.bytes+len(p)
}

// each adds what read makes of each reading that is there.
func (r *readings) each(read func(string) string) {
	for _, p := range r.list[:len(r.list):len(r.list)] {
		if r.full {
			return
		}
		r.add(read(p))
	}
}

// vary adds what servers make of each reading without decoding it.
func (r *readings) vary() {
	for _, read := range []func(string) string{slashes, cutEnd, cutParameters, clean} {
		r.each(read)
	}
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
