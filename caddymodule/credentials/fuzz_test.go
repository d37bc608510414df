package credentials

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// header reads lines as a server does that checks nothing: keys as they are, and
// in the canonical form too.
func header(text string) http.Header {
	h := http.Header{}
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, ":")
		h[name] = append(h[name], strings.TrimSpace(value))
		h.Add(name, strings.TrimSpace(value))
	}
	return h
}

// HDR-07, TOK-09: after Strip nothing is left that could be ours, and a header
// that stands twice proves nobody.
func FuzzCredentials(f *testing.F) {
	for _, text := range []string{
		"Authorization: Bearer x", "Authorization: Bearer\teyJ.x-_.y, Basic x", "Authorization: a\nauthorization: b", "Proxy-Authorization: Basic x", "Cookie: a=b; __Host-doorward=x; c=d",
		"Cookie: doorward =\"x; doorward=y", "Cookie: doorward=a\nCookie: doorward=b", "Cookie: doorwards=kept; xdoorward=kept", "Cookie: ;;=;doorward",
		"Cookie: __Secure-doorward=x; __Host-doorward-flow=y; doorward-flow=z; doorward-flowers=kept",
		"Cookie: __Host-doorward-device=x; doorward-device=y; doorward-devices=kept",
		"Cookie: asc_auth_key=a.b.c; asc_auth_key=opaque; asc_auth_key =\"a.b.c", "Cookie: other=a.b.c; ASC_AUTH_KEY=a.b.c\nCookie: asc_auth_key=..",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = header(text)
		foreign := cookiesOf(r.Header, false)
		c := Read(r, []string{dialectCookie})
		if doubled := len(r.Header["Authorization"]) > 1 || len(r.Header["Proxy-Authorization"]) > 1; c.doubled != doubled || doubled && c.authorization != "" && c.proxy != "" {
			t.Fatalf("%+v", c)
		}
		if _, err := (&Shown{doubled: true, authorization: "x"}).Principal(t.Context(), nil, ""); err == nil {
			t.Fatal("doubled proves somebody")
		}
		c.Strip(nil) // no core: what could be ours counts as ours
		tokenLike := slices.ContainsFunc(r.Header["Authorization"], func(v string) bool { return holdsToken(v, nil) })
		if tokenLike || r.Header["Proxy-Authorization"] != nil {
			t.Fatalf("%q", r.Header)
		}
		if left := cookiesOf(r.Header, true); len(left) > 0 {
			t.Fatalf("left: %q", left)
		}
		if kept := cookiesOf(r.Header, false); !slices.Equal(kept, foreign) {
			t.Fatalf("%q became %q", foreign, kept)
		}
	})
}

const dialectCookie = "asc_auth_key"

// cookiesOf lists the cookies that are ours, by their name or by what is in a
// dialect's, or those that are not.
func cookiesOf(h http.Header, ours bool) (list []string) {
	for part := range strings.SplitSeq(strings.Join(h["Cookie"], ";"), ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(part), "=")
		name, part = strings.TrimSpace(name), strings.TrimSpace(part)
		isOurs := slices.Contains(ownCookies, name) || name == dialectCookie && holdsToken(part, nil)
		if part != "" && isOurs == ours {
			list = append(list, part)
		}
	}
	return list
}
