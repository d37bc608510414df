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
