package gate

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

var normal = strings.NewReplacer("_", "-", ".", "-", " ", "-")

// HDR-01, HDR-03, HDR-05: after clean, no name has the normal form of one of
// ours, Connection names none of them, and only a WebSocket is upgraded to.
func FuzzClean(f *testing.F) {
	for _, text := range []string{
		"Remote-User: root", "REMOTE_USER: root\nremote.user: a\nRemote User: b", "X_app-User: x", "Connection: remote-user, close\nConnection: X.App.User",
		"Connection: upgrade\nUpgrade: h2c\nHttp2-Settings: AA", "Connection: Upgrade\nUpgrade: WebSocket", "Upgrade: websocket\nUpgrade: h2c\nConnection: upgrade",
		"Forwarded: for=1\nX-Real-Ip: 1", "Connection: authorization, cookie,\t Cookie", "X-Remote-User: kept", "remote-users: kept",
	} {
		f.Add(text)
	}
	names := Headers{User: "X-App-User"}
	if err := names.provision(); err != nil {
		f.Fatal(err)
	}
	own := names.owned()
	all := []string{"x-app-user", "remote-user", "remote-name", "remote-email", "remote-groups"}
	isOwn := func(name string) bool { return slices.Contains(all, normal.Replace(strings.ToLower(name))) }
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = header(text)
		before := r.Header.Clone()
		own.clean(r)
		for name := range r.Header {
			if isOwn(name) || slices.Contains(forwarded, name) {
				t.Fatalf("%q is left", name)
			}
		}
		for name := range before {
			special := slices.Contains([]string{"Connection", "Upgrade", "Http2-Settings"}, name)
			if _, kept := r.Header[name]; !kept && !special && !isOwn(name) && !slices.Contains(forwarded, name) {
				t.Fatalf("%q is gone", name)
			}
		}
		for _, line := range r.Header["Connection"] {
			for named := range strings.SplitSeq(line, ",") {
				named = strings.ToLower(strings.TrimSpace(named))
				if isOwn(named) || named == "authorization" || named == "cookie" {
					t.Fatalf("Connection names %q", named)
				}
			}
		}
		if upgrade := r.Header["Upgrade"]; len(upgrade) > 1 || len(upgrade) == 1 && upgrade[0] != "" && !strings.EqualFold(upgrade[0], "websocket") {
			t.Fatalf("an upgrade to %q is left", upgrade)
		}
	})
}

// HDR-07, TOK-09: after strip nothing is left that could be ours, and a header
// that stands twice proves nobody.
func FuzzCredentials(f *testing.F) {
	for _, text := range []string{
		"Authorization: Bearer x", "Authorization: Bearer\teyJ.x-_.y, Basic x", "Authorization: a\nauthorization: b", "Proxy-Authorization: Basic x", "Cookie: a=b; __Host-doorward=x; c=d",
		"Cookie: doorward =\"x; doorward=y", "Cookie: doorward=a\nCookie: doorward=b", "Cookie: doorwards=kept; xdoorward=kept", "Cookie: ;;=;doorward",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = header(text)
		foreign := cookiesOf(r.Header, false)
		c := readCredentials(r)
		if doubled := len(r.Header["Authorization"]) > 1 || len(r.Header["Proxy-Authorization"]) > 1; c.doubled != doubled || doubled && c.authorization != "" && c.proxy != "" {
			t.Fatalf("%+v", c)
		}
		if _, err := (&credentials{doubled: true, authorization: "x"}).principal(t.Context(), nil, ""); err == nil {
			t.Fatal("doubled proves somebody")
		}
		c.strip(r, nil) // no core: what could be ours counts as ours
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

// cookiesOf lists the cookies that are ours, or that are not.
func cookiesOf(h http.Header, ours bool) (list []string) {
	for part := range strings.SplitSeq(strings.Join(h["Cookie"], ";"), ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name = strings.TrimSpace(name); strings.TrimSpace(part) != "" && slices.Contains(cookieNames, name) == ours {
			list = append(list, strings.TrimSpace(part))
		}
	}
	return list
}
