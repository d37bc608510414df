package integration

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// SES-05: two sessions at once are none for any page, and one sign-out ends both: it
// is where the gate leads who has two.
func TestSignOutOfTwoSessions(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	d.signIn(b, "/").want(http.StatusOK)
	tokens := []string{b.cookie("doorward"), d.mustLogin()}
	b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "asc_auth_key", Value: tokens[1]}})
	if p := b.send(http.MethodGet, "/", nil); p.status != http.StatusUnauthorized {
		t.Fatalf("two sessions give %d", p.status)
	}
	b.open("/.doorward/sign-out").want(http.StatusOK, "This ends your session").submit("/.doorward/sign-out").want(http.StatusOK, "You are signed out")
	for _, token := range tokens {
		d.mustRefuse(t, "/", "Authorization", token)
	}
	if list := d.sessions(); len(list) != 0 {
		t.Errorf("%d sessions are left", len(list))
	}
}

// WEB-04: another site's link stays one of that site. If a page of ours led on, the
// app would be asked as by itself, with its cookies that are SameSite=Strict.
func TestContinueHidesNobody(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	for _, from := range []string{"cross-site", "same-site"} {
		b.headers["Sec-Fetch-Site"] = from
		p := b.send(http.MethodGet, "/.doorward/continue?to=/delete", nil)
		if p.status != http.StatusSeeOther || p.header.Get("Location") != "/delete" || refresh.MatchString(p.body) {
			t.Errorf("%s: %d %v", from, p.status, p.header)
		}
	}
	for _, from := range []string{"same-origin", "none", ""} {
		b.headers["Sec-Fetch-Site"] = from
		if p := b.send(http.MethodGet, "/.doorward/continue?to=/x", nil); p.status != http.StatusOK || !refresh.MatchString(p.body) {
			t.Errorf("%q: %d", from, p.status)
		}
	}
}

// Law 13: a channel that hangs keeps nobody out who has another device.
func TestChannelThatHangsShutsNobodyOut(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}))
	defer silent.Close()
	d := open(t, "factors phone totp\nchannel phone http "+silent.URL+"/ {\n timeout 2600ms\n}", "") // more than an answer may take
	d.call("device/add", admin.AddDevice{User: d.name, Kind: "phone", Address: "+79001234567"}, &admin.DeviceWithSecret{})
	page := d.showPassword(d.browser(), "/").want(http.StatusServiceUnavailable, "could not be sent")
	page.submit("/.doorward/code", "code", d.code()).want(http.StatusOK, `"Remote-User":["alice"]`)
}

// WEB-05: the app is of the same origin, so a script in one of its pages may ask what
// it likes: it is shown no page of ours, which would show it keys and codes.
func TestPagesAreForNoScript(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	d.signIn(b, "/").want(http.StatusOK)
	for _, mode := range []string{"cors", "same-origin", "no-cors", "websocket"} {
		b.headers = map[string]string{"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
		for _, p := range []shownPage{
			b.send(http.MethodGet, "/.doorward/devices", nil),
			b.send(http.MethodPost, "/.doorward/backup-codes", nil),
			b.send(http.MethodPost, "/.doorward/devices/add/app", nil),
		} {
			if p.status != http.StatusForbidden || strings.Contains(p.body, d.serial) {
				t.Errorf("%s of %s: %d", mode, p.path, p.status)
			}
		}
	}
	for _, mode := range []string{"navigate", ""} {
		b.headers = map[string]string{"Sec-Fetch-Mode": mode}
		b.open("/.doorward/devices").want(http.StatusOK)
	}
}
