// Package integration tests the gateway at its doors: HTTP, Caddyfile, command
// line, against a whole Caddy.
package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/doorward/doorward/caddymodule"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

// door is a whole gateway before an app, with one user and one device.
type door struct {
	*caddytestkit.Caddy
	app      *backend
	client   *http.Client
	name     string
	password string
	secret   string // Base32 of the device
	serial   string
	t        testing.TB
}

// backend is an app that remembers what it saw.
type backend struct {
	*httptest.Server
	hits atomic.Int64
	last atomic.Pointer[http.Request]
}

func newBackend(t testing.TB, serve http.HandlerFunc) *backend {
	b := new(backend)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.hits.Add(1)
		b.last.Store(r)
		if serve != nil {
			serve(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(r.Header)
	}))
	t.Cleanup(b.Close)
	return b
}

// caddyfile is a gateway on gate.sock; site is what stands in its doorward block.
func caddyfile(globals, site, rest string) string {
	return fmt.Sprintf(`{
		%s
		doorward {
			store sqlite "{$KIT_DIR}/doorward.db"
			%s
		}
	}
	http:// {
		bind "unix/{$KIT_DIR}/gate.sock"
		doorward {
			%s
		}
		%s
	}`, caddytestkit.Globals, globals, site, rest)
}

// open starts a gateway before an app that echoes its headers, and makes a user
// with a TOTP device.
func open(t testing.TB, globals, site string) *door {
	t.Helper()
	app := newBackend(t, nil)
	return openBefore(t, app, caddyfile(globals, "api onlyoffice\n"+site, "reverse_proxy "+app.Listener.Addr().String()))
}

func openBefore(t testing.TB, app *backend, config string) *door {
	t.Helper()
	c := caddytestkit.Start(t, config)
	d := &door{Caddy: c, app: app, client: c.Client("gate"), name: "alice", t: t}
	d.waitReady()
	var u admin.UserWithPassword
	d.call("user/add", admin.AddUser{Name: d.name}, &u)
	d.password = u.Password
	var device admin.DeviceWithSecret
	d.call("device/add", admin.AddDevice{User: d.name, Kind: "totp"}, &device)
	d.secret, d.serial = device.Secret, device.Serial
	return d
}

func (d *door) waitReady() {
	d.t.Helper()
	for range 100 {
		if status, _ := d.get("/.doorward/ready"); status == http.StatusOK {
			return
		}
	}
	d.t.Fatal("the gateway does not become ready")
}

// settle waits after a reload until the server before is gone: it closes connections
// that it took just before its end.
func (d *door) settle() {
	d.t.Helper()
	answered := 0
	for range 1000 {
		req, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, "http://gate/.doorward/ready", nil)
		if err != nil {
			d.t.Fatal(err)
		}
		resp, err := d.client.Do(req)
		if err != nil {
			answered = 0
			continue
		}
		_ = resp.Body.Close()
		if answered++; answered == 5 {
			return
		}
	}
	d.t.Fatal("the server before does not go away")
}

// call asks Caddy's admin endpoint, as the commands do.
func (d *door) call(operation string, in, out any) {
	d.t.Helper()
	if err := d.try(operation, in, out); err != nil {
		d.t.Fatalf("%s: %v", operation, err)
	}
}

func (d *door) try(operation string, in, out any) error {
	return admin.Client{Address: "unix/" + filepath.Join(d.Dir, "admin.sock")}.Call(context.Background(), operation, in, out)
}

// code is what the device shows now, by oathtool.
func (d *door) code() string {
	d.t.Helper()
	return oathtool(d.t, "--totp", "--base32", d.secret)
}

func oathtool(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("oathtool", args...).Output()
	if err != nil {
		t.Fatalf("oathtool (apt-get install oathtool): %v", err)
	}
	return strings.TrimSpace(string(out))
}

// login posts name, password and code as a client does.
func (d *door) login(code string) (status int, token string) {
	d.t.Helper()
	body, err := json.Marshal(map[string]string{"userName": d.name, "password": d.password})
	if err != nil {
		d.t.Fatal(err)
	}
	status, text := d.post("/api/2.0/authentication/"+code, string(body))
	var answer struct{ Response struct{ Token string } }
	if status == http.StatusCreated {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			d.t.Fatalf("the answer %q is not JSON: %v", text, err)
		}
	}
	return status, answer.Response.Token
}

// mustLogin makes a token. A device of its own is used for each, because a code
// works once.
func (d *door) mustLogin() string {
	d.t.Helper()
	device := d.addHOTP()
	status, token := d.login(device.code(0))
	if status != http.StatusCreated || token == "" {
		d.t.Fatalf("the login gives %d", status)
	}
	return token
}

// hotp is an event-based device: its codes need no waiting.
type hotp struct {
	admin.DeviceWithSecret
	t testing.TB
}

func (d *door) addHOTP() hotp {
	d.t.Helper()
	device := hotp{t: d.t}
	d.call("device/add", admin.AddDevice{User: d.name, Kind: "hotp"}, &device.DeviceWithSecret)
	return device
}

func (h hotp) code(counter int) string {
	h.t.Helper()
	return oathtool(h.t, "--hotp", "--base32", "-c", fmt.Sprint(counter), h.Secret)
}

func (d *door) get(path string, headers ...string) (status int, body string) {
	d.t.Helper()
	status, body, _ = d.do(http.MethodGet, path, "", headers...)
	return status, body
}

func (d *door) post(path, body string, headers ...string) (status int, text string) {
	d.t.Helper()
	status, text, _ = d.do(http.MethodPost, path, body, append([]string{"Content-Type", "application/json"}, headers...)...)
	return status, text
}

func (d *door) do(method, path, body string, headers ...string) (status int, text string, answer http.Header) {
	d.t.Helper()
	req, err := http.NewRequest(method, "http://gate"+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(all), resp.Header
}
