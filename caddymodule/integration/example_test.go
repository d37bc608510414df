package integration

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	dispenser "github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

const root = "../../"

func readExample(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(root + "Caddyfile.example")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestExampleIsFormatted(t *testing.T) {
	text := readExample(t)
	if !bytes.Equal(dispenser.Format(text), text) {
		t.Error("Caddyfile.example is not what `caddy fmt` makes of it")
	}
	if _, err := caddytestkit.Adapt(string(text)); err != nil {
		t.Errorf("Caddyfile.example can't be adapted: %v", err)
	}
}

// freePort is one that nobody listens on now.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// serveExample runs Caddyfile.example as it is.
func serveExample(t testing.TB, dir, port string) *server {
	t.Helper()
	site := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+port)
	}}
	t.Cleanup(site.CloseIdleConnections)
	s := prepare(t, dir, string(readExample(t)), "PORT="+port, "DOORWARD_HOME="+dir)
	s.client = &http.Client{Transport: hostOf{site, "localhost:" + port}, Timeout: 20 * time.Second}
	s.begin()
	s.awaitReady()
	return s
}

// hostOf asks every URL of one host.
type hostOf struct {
	http.RoundTripper
	host string
}

func (h hostOf) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Host = h.host
	return h.RoundTripper.RoundTrip(r)
}

// The example as it is: somebody logs in, the app knows him, rules hold, and a
// second start knows him still.
func TestExample(t *testing.T) {
	t.Parallel()
	dir, port := shortDir(t), freePort(t)
	s := serveExample(t, dir, port)
	s.enrol()
	var device admin.DeviceWithSecret
	s.call("device/add", admin.AddDevice{User: s.name, Kind: "totp"}, &device)
	s.secret = device.Secret
	if !strings.HasPrefix(device.URI, "otpauth://totp/") || !strings.Contains(device.URI, "localhost:"+port) && !strings.Contains(device.URI, "localhost%3A"+port) {
		t.Errorf("the URI is %s, want one with the site's name", device.URI)
	}
	for path, want := range map[string]int{"/": http.StatusUnauthorized, "/healthz": http.StatusOK, "/admin/": http.StatusUnauthorized} {
		if status, _ := s.get(path, "Remote-User", "mallory"); status != want {
			t.Errorf("without a token %s gives %d, want %d", path, status, want)
		}
	}
	status, token := s.login(s.code())
	if status != http.StatusCreated {
		t.Fatalf("the login gives %d", status)
	}
	known := func(s *server) {
		t.Helper()
		for path, want := range map[string]int{"/": http.StatusOK, "/payments/": http.StatusOK, "/admin/": http.StatusForbidden} {
			status, text := s.get(path, "Authorization", token, "Remote-User", "mallory")
			if status != want || want == http.StatusOK && !strings.Contains(text, "You are in, alice.") {
				t.Errorf("with a token %s gives %d %s, want %d", path, status, text, want)
			}
		}
	}
	known(s)
	if code := s.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	known(serveExample(t, dir, port))
}
