package integration

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// openServers is open with options of Caddy's own servers.
func openServers(t testing.TB, servers, site string) *door {
	t.Helper()
	app := newBackend(t, nil)
	config := caddyfile("", "api onlyoffice\n"+site, "reverse_proxy "+app.Listener.Addr().String())
	return openBefore(t, app, strings.Replace(config, "doorward {", "servers {\n"+servers+"\n}\ndoorward {", 1))
}

type rawAnswer struct {
	status int
	header http.Header
	body   string
}

// raw sends bytes that no HTTP client would send, and reads one answer. Status
// 0: there was none.
func (d *door) raw(request string) (a rawAnswer) {
	d.t.Helper()
	conn, err := d.Dial(d.t.Context(), "gate")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		d.t.Fatal(err)
	}
	_, _ = io.WriteString(conn, request) // a server may answer, and close, before it has read all
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return a
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return a
	}
	return rawAnswer{resp.StatusCode, resp.Header, string(body)}
}

// wantWithout wants no trace of a secret in any value.
func wantWithout(t *testing.T, h http.Header, secret string) {
	t.Helper()
	for name, values := range h {
		if strings.Contains(strings.Join(values, "\n"), secret) {
			t.Errorf("%s holds the secret", name)
		}
	}
}

// normal is the form that CGI and WSGI make of a name.
func normal(name string) string {
	return strings.NewReplacer("_", "-", ".", "-", " ", "-").Replace(strings.ToLower(name))
}

// wantIdentity wants each of our headers once, in one spelling, with our value;
// want nil: none of them at all.
func wantIdentity(t *testing.T, h http.Header, want map[string]string) {
	t.Helper()
	for _, own := range []string{"Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "X-App-User"} {
		var got []string
		for name, values := range h {
			if normal(name) == normal(own) {
				got = append(got, values...)
			}
		}
		value, expected := want[own]
		if expected && (len(got) != 1 || got[0] != value || h.Get(own) != value) || !expected && len(got) > 0 {
			t.Errorf("%s: the app got %q", own, got)
		}
	}
}
