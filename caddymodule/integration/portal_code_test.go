package integration

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

var deviceField = regexp.MustCompile(`name="device" value="([^"]+)"`)

// sendTo presses the button for the nth device that codes are sent to.
func (p shownPage) sendTo(n int, action string) shownPage {
	p.b.t.Helper()
	found := deviceField.FindAllStringSubmatch(p.body, -1)
	if len(found) <= n {
		p.b.t.Fatalf("%s has no button %d:\n%s", p.path, n, p.body)
	}
	return p.submit(action, "device", found[n][1])
}

// A person chooses among his devices; where codes go to is masked for who has shown
// a password alone.
func TestChooseWhereACodeIsSent(t *testing.T) {
	d, post := openPost(t, "factors totp phone email", "")
	d.call("device/add", admin.AddDevice{User: d.name, Kind: "phone", Address: "+79001234567"}, &admin.DeviceWithSecret{})
	d.call("device/add", admin.AddDevice{User: d.name, Kind: "email", Address: "alice@example.com"}, &admin.DeviceWithSecret{})
	b := d.browser()
	const action = "/.doorward/code/send"
	page := d.showPassword(b, "/x").want(http.StatusOK, "Authenticator app", "+7900***4567", "a***@e***.com")
	if _, sent := post.code("+79001234567"); sent != 0 || strings.Contains(page.body, "79001234567") || strings.Contains(page.body, "alice@example.com") {
		t.Errorf("%d codes were sent, or an address is shown", sent)
	}
	b.open("/.doorward/code?to=/x")
	phone := page.sendTo(0, action).want(http.StatusOK, "A code is on its way to +7900***4567")
	first, sent := post.code("+79001234567")
	if sent != 1 {
		t.Fatalf("%d codes were sent", sent)
	}
	mail := phone.sendTo(1, action).want(http.StatusOK, "A code is on its way to a***@e***.com")
	mail.submit("/.doorward/code", "code", first).want(http.StatusForbidden, "This code is not right")
	page.submit(action, "device", "00000000-0000-4000-8000-000000000000").want(http.StatusNotFound)
	post.fails(http.StatusBadGateway)
	if p := page.sendTo(0, action).want(http.StatusServiceUnavailable, "The code could not be sent"); p.header.Get("Retry-After") == "" {
		t.Error("when to try again is not said")
	}
	post.fails(http.StatusOK)
	again := page.sendTo(1, action).want(http.StatusOK)
	code, _ := post.code("alice@example.com")
	again.submit("/.doorward/code", "code", code).want(http.StatusOK, "Remote-User")
}

// Who has a phone alone gets his code with the password; of many that he asks for
// he is told to wait.
func TestCodeIsSentAtOnce(t *testing.T) {
	d, post := openPost(t, "factors phone totp", "")
	bob := d.another("bob")
	d.call("device/add", admin.AddDevice{User: "bob", Kind: "phone", Address: "+351912345678"}, &admin.DeviceWithSecret{})
	page := bob.showPassword(d.browser(), "/x").want(http.StatusOK, "A code is on its way to +3519***5678")
	bob.showPassword(d.browser(), "/x").want(http.StatusOK)
	if _, sent := post.code("+351912345678"); sent != 1 {
		t.Errorf("%d codes were sent, want 1 that is alive", sent)
	}
	for page.status == http.StatusOK {
		page = page.sendTo(0, "/.doorward/code/send")
	}
	page.want(http.StatusTooManyRequests, "Too many codes were sent", "Please try again in ")
	if page.header.Get("Retry-After") == "" {
		t.Error("when to try again is not said")
	}
	code, _ := post.code("+351912345678")
	page.submit("/.doorward/code", "code", code).want(http.StatusOK, "Remote-User")
}

// A device that is paused after wrong codes says so, in words without plurals.
func TestTooManyWrongCodes(t *testing.T) {
	d := open(t, "", "")
	page := d.showPassword(d.browser(), "/")
	for range 30 {
		if page = page.submit("/.doorward/code", "code", "000000"); page.status != http.StatusForbidden {
			break
		}
	}
	page.want(http.StatusTooManyRequests, "There were too many wrong codes", "Please try again in ", " min.")
	page.submit("/.doorward/code", "code", d.code()).want(http.StatusTooManyRequests)
}

// SES-03, SES-06: a step-up asks for a code alone, and makes a new session in place
// of the old one.
func TestStepUp(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	d.signIn(b, "/").want(http.StatusOK)
	old, before := b.cookie("doorward"), d.sessions()
	device := d.addHOTP()
	page := b.open("/.doorward/step-up?to=/reports").want(http.StatusOK, "A code, please", "Signed in as")
	if strings.Contains(page.body, `name="password"`) {
		t.Error("a password is asked for")
	}
	page.submit("/.doorward/step-up", "code", "000000").want(http.StatusForbidden, "This code is not right")
	after := page.submit("/.doorward/step-up", "code", device.code(0)).want(http.StatusOK, "Remote-User")
	if after.path != "/reports" || b.cookie("doorward") == old {
		t.Errorf("it leads to %s", after.path)
	}
	d.wantOut("the old token", old)
	now := d.sessions()
	if len(now) != 1 || now[0].ID == before[0].ID || now[0].ExpiresAt != before[0].ExpiresAt {
		t.Errorf("the sessions are %v, then %v", before, now)
	}
	d.call("session/revoke", admin.SessionRef{Session: now[0].ID}, &admin.Session{})
	if p := page.submit("/.doorward/step-up", "code", device.code(1)); p.path != "/.doorward/sign-in?to=%2Freports" {
		t.Errorf("after the session's end: %s", p.path)
	}
}

// SES-05: a sign-out is a POST, ends the session in the store, and no copy of the
// cookie opens anything.
func TestSignOut(t *testing.T) {
	d := open(t, "", "")
	b := d.browser()
	d.signIn(b, "/").want(http.StatusOK)
	token := b.cookie("doorward")
	page := b.open("/.doorward/sign-out").want(http.StatusOK, "This ends your session")
	d.wantIn("after a GET", token)
	done := page.post("/.doorward/sign-out")
	if done.status != http.StatusSeeOther || done.header.Get("Clear-Site-Data") != `"cache"` || b.cookie("doorward") != "" {
		t.Errorf("%d %v, the cookie is %q", done.status, done.header, b.cookie("doorward"))
	}
	b.follow(done).want(http.StatusOK, "You are signed out")
	if list := d.sessions(); len(list) != 0 {
		t.Errorf("the sessions are %v", list)
	}
	d.wantOut("the token", token)
	b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "doorward", Value: token}})
	if p := b.open("/.doorward/step-up"); !strings.HasPrefix(p.path, "/.doorward/sign-in") {
		t.Errorf("a copy of the cookie leads to %s", p.path)
	}
	page.submit("/.doorward/sign-out").want(http.StatusOK, "You are signed out") // twice does no harm
	b.open("/.doorward/sign-out").want(http.StatusOK, "You are signed out")
}

// SES-06: another device is added by who is signed in, with both factors fresh, and
// counts from its first code on.
func TestAddDevice(t *testing.T) {
	d, post := openPost(t, "factors totp hotp phone", "")
	b := d.browser()
	if p := b.open("/.doorward/devices/add"); p.path != "/.doorward/sign-in?to=%2F.doorward%2Fdevices%2Fadd" {
		t.Errorf("who is not signed in is led to %s", p.path)
	}
	d.signIn(b, "/").want(http.StatusOK)
	page := b.open("/.doorward/devices/add").want(http.StatusOK, "Add a device").
		submit("/.doorward/devices/add/app").want(http.StatusOK, "Set up your app")
	key := page.key()
	if page.scan() == "" {
		t.Error("there is no picture")
	}
	added := func(p shownPage) {
		t.Helper()
		if p.status != http.StatusSeeOther || p.header.Get("Location") != "/.doorward/devices?done=added" {
			t.Errorf("%d leads to %s:\n%s", p.status, p.header.Get("Location"), p.body)
		}
	}
	page.submit("/.doorward/devices/add/code", "code", "000000").want(http.StatusForbidden, "you have just set up")
	code := oathtool(t, "--totp", "--base32", key)
	added(page.post("/.doorward/devices/add/code", "code", code))
	d.showPassword(d.browser(), "/").submit("/.doorward/code", "code", code).want(http.StatusForbidden) // its first code is used up

	ask := b.open("/.doorward/devices/add/phone").want(http.StatusOK)
	sent := ask.submit("/.doorward/devices/add/phone", "address", "+351912345678").want(http.StatusOK, "+351912345678")
	code, _ = post.code("+351912345678")
	d.showPassword(d.browser(), "/").submit("/.doorward/code", "code", code).want(http.StatusForbidden) // it is not for a sign-in
	added(sent.post("/.doorward/devices/add/code", "code", code))
	ask.submit("/.doorward/devices/add/phone", "address", "+351 912 345 678").want(http.StatusConflict, "can't be added")
	b.open("/.doorward/devices/add").submit("/.doorward/devices/add/app").want(http.StatusOK)
	for range 5 {
		_ = d.try("device/add", admin.AddDevice{User: d.name, Kind: "hotp"}, &admin.DeviceWithSecret{}) // until there are as many as there may be
	}
	b.open("/.doorward/devices/add").submit("/.doorward/devices/add/app").want(http.StatusConflict, "as many devices as there may be")
}
