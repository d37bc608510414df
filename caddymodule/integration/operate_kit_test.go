package integration

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/caddymodule/admin"
)

// pollUntil asks again and again until the answer is yes, and fails the test
// when it takes longer than bound.
func pollUntil(t testing.TB, bound time.Duration, what string, yes func() bool) {
	t.Helper()
	deadline := time.NewTimer(bound)
	defer deadline.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !yes() {
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("after %s it is not so: %s", bound, what)
		}
	}
}

// another is the same gateway with a user more, who has no device yet.
func (d *door) another(name string) *door {
	d.t.Helper()
	second := *d
	second.name = name
	var u admin.UserWithPassword
	second.call("user/add", admin.AddUser{Name: name, Email: name + "@example.com"}, &u)
	second.password = u.Password
	return &second
}

// opened is an open session and all that names it.
type opened struct {
	token   string
	session string
	device  hotp
	next    int // the next counter of the device
}

func (d *door) openSession() opened {
	d.t.Helper()
	o := opened{device: d.addHOTP()}
	d.renew(&o)
	return o
}

// renew logs in once more with the same device.
func (d *door) renew(o *opened) {
	d.t.Helper()
	status, token := d.login(o.device.code(o.next))
	if status != http.StatusCreated || token == "" {
		d.t.Fatalf("the login of %s gives %d", d.name, status)
	}
	o.next++
	o.token = token
	var list []admin.Session
	d.call("session/list", admin.ListOf{User: d.name}, &list)
	o.session = list[0].ID // the newest stands first
}

// wantIn and wantOut ask once, with no patience at all.
func (d *door) wantIn(what, token string) {
	d.t.Helper()
	hits := d.app.hits.Load()
	if status, text := d.get("/", "Authorization", token); status != http.StatusOK || d.app.hits.Load() != hits+1 {
		d.t.Errorf("%s: %d %s, want 200 from the app", what, status, text)
	}
}

func (d *door) wantOut(what, token string) {
	d.t.Helper()
	hits := d.app.hits.Load()
	status, text := d.get("/", "Authorization", token)
	if status != http.StatusUnauthorized || d.app.hits.Load() != hits {
		d.t.Errorf("%s: %d %s and %d requests at the app, want 401 and none", what, status, text, d.app.hits.Load()-hits)
	}
}

// adminRaw posts to the admin endpoint and shows the answer as it is.
func (d *door) adminRaw(operation string, in any) (status int, text string) {
	d.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := d.Client("admin").Post("http://127.0.0.1/doorward/"+operation, "application/json", strings.NewReader(string(body)))
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(all)
}

// spellings are the forms in which a device's secret could leak.
func spellings(t testing.TB, base32 string) []string {
	t.Helper()
	raw, err := oath.ParseSecret(base32)
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		base32, strings.ToLower(base32), string(raw), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
		base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	}
}

// shown is what device/show tells.
func (d *door) shown(device string) (a admin.DeviceWithAttempts) {
	d.t.Helper()
	d.call("device/show", admin.DeviceRef{Device: device}, &a)
	return a
}
