// Package caddytestkit runs a whole Caddy inside a test: no ports, no network,
// a folder of its own. It is for tests of ours and of third parties.
//
// Caddy is one per process: tests that use the kit don't run in parallel within
// a package. Import the modules that the Caddyfile names.
package caddytestkit

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"

	_ "github.com/caddyserver/caddy/v2/modules/standard" // the standard modules, the Caddyfile adapter among them
)

// Caddy is a running server.
type Caddy struct {
	// Dir is the folder of this server, KIT_DIR in the Caddyfile. Its admin
	// endpoint is the socket admin.sock there, if the Caddyfile says so with
	// the global options of Globals.
	Dir string
	t   testing.TB
}

// Globals are the global options of a server that leaves nothing outside its
// folder. Put them, and your own, into the first block of the Caddyfile.
const Globals = `
	admin "unix/{$KIT_DIR}/admin.sock|0600"
	persist_config off
	auto_https off
	storage file_system "{$KIT_DIR}/caddy"
`

// Start adapts and loads a Caddyfile and stops it when the test ends. In the
// text, {$KIT_DIR} is a folder of the test's own: bind a site to
// unix/{$KIT_DIR}/NAME.sock and reach it with Client.
func Start(t testing.TB, caddyfile string) *Caddy {
	t.Helper()
	dir, err := os.MkdirTemp("", "kit") // short: the path of a socket has at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("KIT_DIR", dir)
	c := &Caddy{Dir: dir, t: t}
	t.Cleanup(func() {
		if err := caddy.Stop(); err != nil {
			t.Errorf("stopping Caddy: %v", err)
		}
	})
	if err := c.Load(caddyfile); err != nil {
		t.Fatalf("starting Caddy: %v", err)
	}
	return c
}

// Adapt turns a Caddyfile into JSON as `caddy adapt` does.
func Adapt(caddyfile string) ([]byte, error) {
	adapter := caddyconfig.GetAdapter("caddyfile")
	if adapter == nil {
		return nil, errors.New("the Caddyfile adapter is not built in")
	}
	config, _, err := adapter.Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	return config, err
}

// Load reloads with another Caddyfile; on an error the old one goes on.
func (c *Caddy) Load(caddyfile string) error {
	config, err := Adapt(caddyfile)
	if err != nil {
		return err
	}
	return caddy.Load(config, true)
}

// Client talks to the site that is bound to NAME.sock, whatever host its URLs
// name. It follows no redirects and keeps no cookies.
func (c *Caddy) Client(name string) *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return c.Dial(ctx, name)
	}}
	c.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Dial opens a connection to NAME.sock, for what no HTTP client would send.
func (c *Caddy) Dial(ctx context.Context, name string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(c.Dir, name+".sock"))
}
