package integration

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/admin"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/storage/sqlite"
)

// registerBrowser makes an active client device of the user's, as an approval leaves it, and
// gives its serial. A SQLite database serves one process: config is loaded again after it.
func (d *door) registerBrowser(t *testing.T, config, secret string) (serial string) {
	t.Helper()
	mustDo(t, d.Load("{\n"+caddytestkit.Globals+"\n}\n"))
	defer func() {
		mustDo(t, d.Load(config))
		d.waitReady()
	}()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(d.Dir, "doorward.db")})
	mustDo(t, err)
	defer func() { mustDo(t, store.Close()) }()
	sum := sha256.Sum256([]byte(secret))
	id := uuid.NewString()
	mustDo(t, store.Write(t.Context(), func(tx authcore.Tx) error {
		u, err := tx.UserByLogin(authcore.DefaultTenant, d.name)
		return errors.Join(err, tx.CreateDevice(authcore.Device{
			ID: id, Tenant: u.Tenant, UserID: u.ID, Serial: id[:8], Kind: authcore.KindClient, Status: authcore.StatusActive,
			LastCounter: -1, CreatedAt: time.Now(),
		}), tx.CreateClient(authcore.Client{DeviceID: id, Marks: authcore.Marks{Secret: sum[:]}}))
	}))
	return id[:8]
}

// loginShowing logs in through the dialect as a browser that shows the secret of its device.
func (d *door) loginShowing(t *testing.T, secret string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"userName": d.name, "password": d.password})
	mustDo(t, err)
	status, text := d.post("/api/2.0/authentication/"+d.addHOTP().code(0), string(body), "Cookie", "doorward-device="+secret)
	var answer struct{ Response struct{ Token string } }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusCreated {
		t.Fatalf("the login gives %d %s", status, text)
	}
	return answer.Response.Token
}

// Issue 7: a site that requires a device lets in who logged in from one, and nobody else,
// until the device is blocked; the WebSocket that was open ends then.
func TestRequireDeviceAtTheDoor(t *testing.T) {
	app := streaming(t)
	config := caddyfile("", "api onlyoffice\nrequire /ws device\nrequire /vault/* {\ndevice\n}", "reverse_proxy "+app.Listener.Addr().String())
	d := openBefore(t, app, config)
	serial := d.registerBrowser(t, config, "its secret")
	free, bound := d.mustLogin(), d.loginShowing(t, "its secret")
	for _, token := range []string{free, d.loginShowing(t, "another secret")} {
		hits := app.hits.Load()
		status, body := d.get("/vault/x", "Authorization", token, "Cookie", "doorward-device=its secret")
		if status != http.StatusForbidden || !strings.Contains(body, `"register_device":"/.doorward/browser"`) || app.hits.Load() != hits {
			t.Errorf("a session that is not bound: %d %s", status, body)
		}
		if status, _, h := d.do(http.MethodGet, "/vault/x", "", append(navigation, "Cookie", "doorward="+token)...); status != http.StatusSeeOther || h.Get("Location") != "/.doorward/browser?to=%2Fvault%2Fx" {
			t.Errorf("a page leads to %d %v", status, h)
		}
		if status, _ := d.get("/elsewhere", "Authorization", token); status != http.StatusOK {
			t.Errorf("where no device is required it gives %d", status)
		}
	}
	if status, body := d.get("/vault/x", "Authorization", bound); status != http.StatusOK {
		t.Fatalf("a session that is bound: %d %s", status, body)
	}
	ws := d.socket(bound)
	ws.echoes("hello")
	d.call("device/block", admin.DeviceRef{Device: serial}, new(any))
	ws.ends("the block")
	for path, want := range map[string]int{"/vault/x": http.StatusUnauthorized, "/elsewhere": http.StatusUnauthorized} {
		if status, _ := d.get(path, "Authorization", bound); status != want {
			t.Errorf("%s after the block: %d", path, status)
		}
	}
	if status, _ := d.get("/elsewhere", "Authorization", free); status != http.StatusOK {
		t.Errorf("the user's other session: %d", status)
	}
}

// The secret of a browser's device reaches no app, not even one that is given the token.
func TestSecretOfADeviceStaysHere(t *testing.T) {
	for _, site := range []string{"", "pass_token"} {
		d := open(t, "", "open /open\n"+site)
		token := d.mustLogin()
		for _, path := range []string{"/", "/open"} {
			for _, cookies := range [][]string{
				{"kept=1; doorward-device=secret"}, {"kept=1", "__Host-doorward-device=secret"}, {"kept=1; doorward-device =secret; __Host-doorward-device=\"secret"},
			} {
				headers := []string{"Authorization", token}
				for _, c := range cookies {
					headers = append(headers, "Cookie", c)
				}
				status, _ := d.get(path, headers...)
				if got := d.app.last.Load().Header; status != http.StatusOK || got.Get("Cookie") != "kept=1" || site == "pass_token" && got.Get("Authorization") != token {
					t.Errorf("%q to %s with '%s': %d, and the app got %v", cookies, path, site, status, got)
				}
			}
		}
	}
}
