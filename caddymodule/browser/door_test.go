// Package browser opens the pages in a real Chromium, as the people that they
// are for do.
package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	_ "github.com/doorward/doorward/caddymodule"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/caddymodule/pages"
)

// patience is for what takes a moment, on a machine that has much to do.
const patience = 60 * time.Second

// door is a whole gateway on a port, before an app that says who it was told you are.
type door struct {
	*caddytestkit.Caddy
	url    string // without a path
	mail   *mailbox
	config func(globals, site string) string
	t      testing.TB
}

// open starts a gateway; site stands in its doorward block.
func open(t testing.TB, globals, site string) *door {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(serveApp))
	t.Cleanup(app.Close)
	d := &door{url: "http://localhost:" + freePort(t), mail: newMailbox(t), t: t}
	d.config = func(globals, site string) string {
		return `{
			` + caddytestkit.Globals + `
			doorward {
				store sqlite "{$KIT_DIR}/doorward.db"
				public_url ` + d.url + `
				factors totp hotp phone email mobile_application
				channel phone http ` + d.mail.channel() + `
				channel email http ` + d.mail.channel() + `
				channel mobile_application http ` + d.mail.channel() + `
				` + globals + `
			}
		}
		` + d.url + ` {
			bind 127.0.0.1
			doorward {
				api onlyoffice
				` + site + `
			}
			reverse_proxy ` + app.Listener.Addr().String() + `
		}`
	}
	d.Caddy = caddytestkit.Start(t, d.config(globals, site))
	d.await("the gateway is ready", func() bool {
		status, _ := d.get("/.doorward/ready")
		return status == http.StatusOK
	})
	return d
}

// in is the same door in a test below.
func (d *door) in(t *testing.T) *door {
	of := *d
	of.t = t
	return &of
}

// reload puts something else into the two doorward blocks.
func (d *door) reload(globals, site string) {
	d.t.Helper()
	if err := d.Load(d.config(globals, site)); err != nil {
		d.t.Fatal(err)
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

var appPage = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>The app</title>
<link rel="icon" href="data:,"><h1>The app</h1><p id="user">{{.User}}</p><p id="url">{{.URL}}</p>`))

// serveApp is the app behind: every path is a page of it. Browsers may keep the
// one at /kept; /ws echoes; at /stay a browser stays where it is; /wait is a page
// of ours that no request leads to as long as every page sees to being too fast.
func serveApp(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ws":
		echo(w, r)
	case "/kept":
		w.Header().Set("Cache-Control", "private, max-age=3600")
		_ = appPage.Execute(w, map[string]string{"User": r.Header.Get("Remote-User"), "URL": r.RequestURI})
	case "/stay":
		w.WriteHeader(http.StatusNoContent)
	case "/wait":
		if p, err := pages.New(pages.Settings{}); err == nil {
			_ = p.Write(w, r, http.StatusTooManyRequests, pages.View{Page: "wait", Title: "throttled.title", Data: 5})
		}
	default:
		_ = appPage.Execute(w, map[string]string{"User": r.Header.Get("Remote-User"), "URL": r.RequestURI})
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, text, err := c.Read(r.Context())
		if err != nil || c.Write(r.Context(), kind, text) != nil {
			return
		}
	}
}

// call asks Caddy's admin endpoint, as the commands do.
func (d *door) call(operation string, in, out any) {
	d.t.Helper()
	if err := (admin.Client{Address: "unix/" + filepath.Join(d.Dir, "admin.sock")}).Call(context.Background(), operation, in, out); err != nil {
		d.t.Fatalf("%s: %v", operation, err)
	}
}

// await polls until something is so.
func (d *door) await(what string, so func() bool) { d.t.Helper(); await(d.t, what, so) }

func await(t testing.TB, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(patience); !so(); <-tick.C {
		if time.Now().After(until) {
			t.Fatalf("it is not so that %s", what)
		}
	}
}

// get asks without a browser, following nothing.
func (d *door) get(path string, headers ...string) (status int, header http.Header) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, d.url+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := direct.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header
}

var direct = &http.Client{
	Timeout:       patience,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// run is what a program on this machine prints.
func run(t testing.TB, stdin []byte, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v (.ci/deps installs it)", name, err)
	}
	return strings.TrimSpace(string(out))
}

// mailbox takes what the channels deliver.
type mailbox struct {
	*httptest.Server
	mu   sync.Mutex
	sent []message
}

type message struct{ To, Code, Text string }

func newMailbox(t testing.TB) *mailbox {
	m := new(mailbox)
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent message
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.sent = append(m.sent, sent)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *mailbox) channel() string {
	return m.URL + " {\n" + "body `{\"to\":{{json .To}},\"code\":{{json .Code}},\"text\":{{json .Text}}}`\n}"
}

// code is the newest that was sent to an address, and takes it out.
func (d *door) code(to string) (code string) {
	d.t.Helper()
	d.await("a code was sent to "+to, func() bool {
		d.mail.mu.Lock()
		defer d.mail.mu.Unlock()
		for i := len(d.mail.sent) - 1; i >= 0; i-- {
			if m := d.mail.sent[i]; m.To == to && m.Code != "" {
				code, d.mail.sent = m.Code, d.mail.sent[:i]
				return true
			}
		}
		return false
	})
	return code
}
