package integration

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/doorward/doorward/caddymodule/admin"
)

// Somebody comes to what is for registered devices alone, has a token sent, enters it,
// and is led on exactly to where he was going. After a sign-out the browser is still
// registered, and the next sign-in asks for nothing more.
func TestRegisterABrowserByAToken(t *testing.T) {
	onBothVaults(t, func(t *testing.T, v *vault) {
		b := v.window(firefox)
		ways := v.signIn(b, atVault).want(http.StatusOK, "Register this browser", "Firefox, Linux", "+7900***4567", "c***@e***.com").
			lacks("By whoever runs this site", "On a registered device", hisPhone, hisEmail)
		if ways.path != query(atBrowser, atVault) || b.device() != "" {
			t.Fatalf("at %s, and the browser has %q", ways.path, b.device())
		}
		before := b.cookie("doorward")
		asked := ways.post(atBrowser, "way", "phone")
		wantDeviceCookie(t, asked)
		code := b.follow(asked).want(http.StatusOK, "A code is on its way to +7900***4567", "five minutes").lacks(b.device(), hisPhone)
		if got := v.shown(code.serial()); got.Status != "pending" || got.Name != "Firefox, Linux" { // so an operator can compare it
			t.Errorf("the number is that of %+v", got)
		}
		first, _ := v.token(hisPhone)
		code = code.submit(atCode, "code", "222222").want(http.StatusForbidden, "This code is not right", code.serial())
		code = code.submit(atCode+"/send").want(http.StatusOK, "A code is on its way to +7900***4567")
		second, sent := v.token(hisPhone)
		if sent != 2 || first == second {
			t.Fatalf("%d tokens were sent, %q and %q", sent, first, second)
		}
		code = code.submit(atCode, "code", first).want(http.StatusForbidden, "This code is not right")
		page := code.submit(atCode, "code", " "+strings.ToUpper(second[:3])+" "+second[3:]).want(http.StatusOK, `"Remote-User":["carol"]`)
		asksAgain := func(to string) bool { return strings.HasPrefix(to, atBrowser) }
		if page.path != atVault || slices.ContainsFunc(page.hops, asksAgain) {
			t.Errorf("he is led to %s through %v", page.path, page.hops)
		}
		if page := b.send(http.MethodGet, "/other", nil); strings.Contains(page.body, b.device()) {
			t.Errorf("the app sees the secret: %s", page.body)
		}
		v.wantOut("the session before", before)
		b.open("/.doorward/devices").want(http.StatusOK, "Browsers and apps", "Firefox, Linux", "You are using it now.")
		b.open("/.doorward/sessions").want(http.StatusOK, "Registered as")

		secret := b.device()
		b.open("/.doorward/sign-out").submit("/.doorward/sign-out").want(http.StatusOK)
		if b.device() != secret {
			t.Error("a sign-out takes the registration away")
		}
		page = v.signIn(b, atVault).want(http.StatusOK, `"Remote-User":["carol"]`)
		if slices.ContainsFunc(page.hops, asksAgain) || b.device() != secret {
			t.Errorf("he is led through %v", page.hops)
		}
	})
}

// Law 11: neither what lets a browser in nor what it keeps afterwards is in a log, not in
// that of errors either.
func TestRegisteringLogsNoSecrets(t *testing.T) {
	app, post := newBackend(t, nil), newPostbox(t)
	config := caddyfile("factors totp hotp\nchannel phone http "+post.URL+"/ {\n"+sendsToken+"\n}", "require /vault* device",
		"log {\noutput file \"{$KIT_DIR}/access.log\"\n}\nreverse_proxy "+app.Listener.Addr().String())
	v := &vault{openBefore(t, app, strings.Replace(config, "doorward {", "log default {\noutput file \"{$KIT_DIR}/caddy.log\"\nlevel DEBUG\n}\ndoorward {", 1)), post}
	v.add("carol", admin.AddUser{Phone: hisPhone})
	b := v.registered(firefox)
	b.open("/vault/nothing")
	b.open("/.doorward/sign-out").submit("/.doorward/sign-out")
	v.signIn(b, atVault).want(http.StatusOK, "Remote-User")
	token, _ := v.token(hisPhone)
	var logged string
	for _, name := range []string{"caddy.log", "access.log"} {
		text, err := os.ReadFile(filepath.Join(v.Dir, name))
		mustDo(t, err)
		logged += string(text)
	}
	for _, want := range []string{`"page":"browser"`, `"page":"browser/code"`, "/vault/nothing"} {
		if !strings.Contains(logged, want) {
			t.Errorf("the log has no %s", want)
		}
	}
	for what, secret := range map[string]string{"the secret": b.device(), "the token that lets in": `"` + token, "the session's token": b.cookie("doorward"), "his number": hisPhone} {
		if secret == "" || strings.Contains(logged, secret) {
			t.Errorf("the log has %s", what)
		}
	}
}

// wantDeviceCookie holds the one answer that gives a browser its secret to how it does.
func wantDeviceCookie(t *testing.T, p shownPage) {
	t.Helper()
	set := slices.DeleteFunc(p.header["Set-Cookie"], func(c string) bool { return !strings.HasPrefix(c, "doorward-device=") })
	if len(set) != 1 || p.status != http.StatusSeeOther {
		t.Fatalf("%d, and the cookies are %q", p.status, p.header["Set-Cookie"])
	}
	for _, want := range []string{"; Path=/", "; Max-Age=34560000", "; HttpOnly", "; SameSite=Lax"} {
		if !strings.Contains(set[0], want) {
			t.Errorf("the cookie has no %s: %s", want, set[0])
		}
	}
	if secret, _, _ := strings.Cut(strings.TrimPrefix(set[0], "doorward-device="), ";"); strings.Contains(p.header.Get("Location"), secret) {
		t.Error("the secret is in an address")
	}
}

// DEV-11: a browser gets a secret when it asks to be let in, and at no other time: not
// for looking, nor when nothing was sent, nor for a way that there is none of.
func TestNoSecretWithoutARequest(t *testing.T) {
	v := onSQLite(t)
	b := v.window(firefox)
	ways := v.signIn(b, atVault).want(http.StatusOK)
	for what, ask := range map[string]func() shownPage{
		"a link": func() shownPage {
			return b.open(atBrowser+"?way=phone&to=/x").want(http.StatusOK, "Register this browser")
		},
		"code":    func() shownPage { return b.open(atCode).want(http.StatusOK, "Register this browser") },
		"wait":    func() shownPage { return b.open(atWait).want(http.StatusOK, "Register this browser") },
		"a token": func() shownPage { return b.follow(b.send(http.MethodPost, atCode, formOf("code", "222222"))) },
		"send":    func() shownPage { return b.follow(b.send(http.MethodPost, atCode+"/send", nil)) },
		"no way":  func() shownPage { return ways.submit(atBrowser, "way", "").want(http.StatusConflict, "can't be done") },
		"a verifier": func() shownPage {
			return ways.submit(atBrowser, "way", "liveness").want(http.StatusConflict, "can't be done")
		},
		"undelivered": func() shownPage {
			v.post.fails(http.StatusBadGateway)
			defer v.post.fails(http.StatusOK)
			p := ways.submit(atBrowser, "way", "email").want(http.StatusServiceUnavailable, "could not be sent", "Register this browser")
			if p.header.Get("Retry-After") == "" {
				t.Error("when to try again is not said")
			}
			return p
		},
	} {
		if p := ask(); b.device() != "" || len(p.form(atBrowser)) == 0 {
			t.Errorf("%s: %s, and the browser has %q", what, p.path, b.device())
		}
	}
	if n := v.clients(); n != 0 {
		t.Errorf("%d devices were made", n)
	}
	for sent := 0; sent < 30; sent++ {
		if p := ways.submit(atBrowser, "way", "phone"); p.status != http.StatusOK {
			p.want(http.StatusTooManyRequests, "Too many codes were sent", "Please try again in ")
			return
		}
	}
	t.Error("thirty tokens were sent")
}

// clients counts the client devices of the user that wait or count.
func (v *vault) clients() (n int) {
	v.t.Helper()
	var list []admin.Device
	v.call("device/list", admin.ListOf{User: v.name}, &list)
	for _, d := range list {
		if d.Kind == "client" && d.Status != "rejected" && d.Status != "deactivated" {
			n++
		}
	}
	return n
}

// Too many wrong tokens refuse the request. The page says so, the browser forgets its
// secret, and asks anew with another.
func TestWrongTokensRefuseABrowser(t *testing.T) {
	v := onSQLite(t)
	b := v.window(firefox)
	code := v.signIn(b, atVault).submit(atBrowser, "way", "email").want(http.StatusOK, "c***@e***.com")
	token, _ := v.token(hisEmail)
	if len(token) != 6 || strings.ContainsFunc(token, func(r rune) bool { return unicode.IsUpper(r) }) {
		t.Fatalf("the token is %q", token)
	}
	secret := b.device()
	last := code
	for range 5 {
		last = code.submit(atCode, "code", "222222")
	}
	last.want(http.StatusForbidden, "too many wrong codes", "Register this browser")
	if b.device() != "" {
		t.Error("the browser keeps a secret that counts for nothing")
	}
	last = last.submit(atBrowser, "way", "email").want(http.StatusOK, "Enter the code for this browser")
	if b.device() == secret || b.device() == "" {
		t.Errorf("the secret is %q, and was %q", b.device(), secret)
	}
	last.submit(atCode, "code", token).want(http.StatusForbidden, "This code is not right")
	next, _ := v.token(hisEmail)
	last.submit(atCode, "code", next).want(http.StatusOK, `"Remote-User":["carol"]`)
}

// Who has no way of his own is told that an operator must let him in, and what to say.
func TestOnlyAnOperatorLetsIn(t *testing.T) {
	v := onSQLite(t).as("dave", admin.AddUser{})
	b := v.window("curl/8.14")
	ways := v.signIn(b, atVault).want(http.StatusOK, "By whoever runs this site").lacks("It will be known as", "By a text message", "On a registered device")
	wait := ways.submit(atBrowser).want(http.StatusOK, "Waiting to be let in", "whoever runs this site")
	if got := v.shown(wait.serial()); got.Kind != "client" || got.Status != "pending" {
		t.Errorf("the device is %+v", got)
	}
	wantDeviceCookie(t, b.open(atBrowser+"?another=1&to=/x").want(http.StatusOK, "By whoever runs this site").post(atBrowser))
}

// A browser is one person's: who else signs in there is not on a registered device, and
// takes nothing away by looking.
func TestBrowserIsOnePersons(t *testing.T) {
	v := onSQLite(t)
	b := v.registered(firefox)
	secret := b.device()
	b.open("/.doorward/sign-out").submit("/.doorward/sign-out")
	dave := v.as("dave", admin.AddUser{})
	dave.signIn(b, atVault).want(http.StatusOK, "Register this browser")
	dave.app.hits.Store(0)
	b.open(atVault)
	if b.device() != secret || dave.app.hits.Load() != 0 {
		t.Errorf("the secret is %q, was %q, and the app was asked %d times", b.device(), secret, dave.app.hits.Load())
	}
	b.open("/.doorward/sign-out").submit("/.doorward/sign-out")
	v.signIn(b, atVault).want(http.StatusOK, `"Remote-User":["carol"]`)
}

// A browser that was signed in before it was registered elsewhere in another tab is
// bound at once, and a session on its device is led on.
func TestRegisteredBrowserIsBoundAtOnce(t *testing.T) {
	v := onSQLite(t)
	b := v.registered(firefox)
	token := v.sessionWithout(b)
	page := b.open(query(atBrowser, atVault)).want(http.StatusOK, `"Remote-User":["carol"]`)
	if page.path != atVault || b.cookie("doorward") == token {
		t.Errorf("he is led to %s through %v", page.path, page.hops)
	}
	v.wantOut("the session that was not bound", token)
	bound := b.cookie("doorward")
	if page = b.open(query(atBrowser, "/x")); page.path != "/x" || b.cookie("doorward") != bound {
		t.Errorf("who is bound is led to %s", page.path)
	}
	if page = b.open(query(atWait, "/x")); page.path != "/x" {
		t.Errorf("who waits no more is led to %s", page.path)
	}
}

// sessionWithout puts a session into the browser that was made without its device.
func (v *vault) sessionWithout(b *browser) (token string) {
	v.t.Helper()
	bare := v.window(firefox)
	v.signIn(bare, "/").want(http.StatusOK)
	token = bare.cookie("doorward")
	b.jar.SetCookies(b.origin, []*http.Cookie{{Name: "doorward", Value: token, Path: "/"}})
	return token
}

// What became of a browser that was stopped it says; the secret goes for good with the
// registration, and not while it is blocked.
func TestStoppedBrowserSaysSo(t *testing.T) {
	for word, text := range map[string]string{"remove": "it was removed", "block": "it was blocked"} {
		t.Run(word, func(t *testing.T) {
			v := onSQLite(t)
			here, other := v.registered(firefox), v.registered(chrome)
			old := other.cookie("doorward")
			device := here.open("/.doorward/devices").link(t, "Chrome, Windows")
			here.open(strings.Replace(device, "/device?", "/device/"+word+"?", 1)).want(http.StatusOK, "all sessions on it end at once").
				submit("/.doorward/device/"+word).want(http.StatusOK, "My devices")
			v.wantOut("its session", old)
			here.open(atVault).want(http.StatusOK, `"Remote-User":["carol"]`)
			page := v.signIn(other, atVault).want(http.StatusOK, text)
			if kept := other.device() != ""; kept != (word == "block") {
				t.Errorf("after %s the secret is kept: %v", word, kept)
			}
			if word == "remove" {
				page.submit(atBrowser, "way", "device").want(http.StatusOK, "Waiting to be let in")
				return
			}
			other.send(http.MethodPost, atBrowser, formOf("way", "phone"))
			if page.lacks("<form"); v.clients() != 2 {
				t.Error("a blocked browser asks for a way around that")
			}
		})
	}
}

// Who stops the browser that he uses is signed out there.
func TestStopThisBrowser(t *testing.T) {
	v := onSQLite(t)
	b := v.registered(firefox)
	device := b.open("/.doorward/devices").link(t, "Firefox, Linux")
	ask := b.open(strings.Replace(device, "/device?", "/device/remove?", 1)).want(http.StatusOK, "you will be signed out")
	page := ask.submit("/.doorward/device/remove").want(http.StatusOK, "Please sign in again")
	if page.path != "/.doorward/sign-in?done=device" || b.cookie("doorward") != "" {
		t.Errorf("at %s with %q", page.path, b.cookie("doorward"))
	}
}
