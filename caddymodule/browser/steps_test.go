package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/doorward/doorward/caddymodule/admin"
)

// user is somebody with a password.
type user struct {
	admin.UserWithPassword
	tokens []*token
	phone  string // that he can be reached at; may be empty
	d      *door
}

// token is a device that counts: its codes need no waiting.
type token struct {
	admin.DeviceWithSecret
	used int
}

func (d *door) addUser(name string) *user {
	d.t.Helper()
	u := &user{d: d}
	d.call("user/add", admin.AddUser{Name: name}, &u.UserWithPassword)
	return u
}

// addReachable adds somebody who has a phone, and a device that makes codes.
func (d *door) addReachable(name, phone string) *user {
	d.t.Helper()
	u := &user{d: d, phone: phone}
	d.call("user/add", admin.AddUser{Name: name, Phone: phone}, &u.UserWithPassword)
	u.addToken()
	return u
}

// register leads to a path for registered devices alone, by a code that is sent.
func (w *window) register(u *user, path string) {
	w.t.Helper()
	w.asks(u, path, "phone")
	w.at("browser/code")
	w.enter("code", w.code(u.phone))
	w.sees(u, path)
}

// asks has this browser ask to be let in, on the way to a path.
func (w *window) asks(u *user, path, way string) {
	w.t.Helper()
	w.goes(path)
	w.identify(u)
	w.at("code")
	w.enter("code", w.next(u.tokens[0]))
	w.at("browser")
	w.press(fmt.Sprintf("form:has([value=%s]) button", way))
}

// addToken hands one out, as the operator does.
func (u *user) addToken() *token {
	u.d.t.Helper()
	k := new(token)
	u.d.call("device/add", admin.AddDevice{User: u.Name, Kind: "hotp"}, &k.DeviceWithSecret)
	u.tokens = append(u.tokens, k)
	return k
}

// addAddress has codes sent there.
func (u *user) addAddress(kind, address string) {
	u.d.t.Helper()
	u.d.call("device/add", admin.AddDevice{User: u.Name, Kind: kind, Address: address}, new(admin.DeviceWithSecret))
}

// next is a code that was not shown yet.
func (d *door) next(k *token) string {
	d.t.Helper()
	k.used++
	return run(d.t, nil, "oathtool", "--hotp", "--base32", "-c", fmt.Sprint(k.used-1), k.Secret)
}

// enter pastes into the last field of a form and sends it.
func (w *window) enter(field, text string) {
	w.t.Helper()
	w.fill(field, text)
	w.press(fmt.Sprintf("form:has([name=%q]:not([type=hidden])) button", field))
}

// identify is the first page of a sign-in.
func (w *window) identify(u *user) {
	w.t.Helper()
	w.at("sign-in")
	w.fill("name", u.Name)
	w.enter("password", u.Password)
}

// signIn leads from a path of the app to that path.
func (w *window) signIn(u *user, path string) {
	w.t.Helper()
	w.goes(path)
	w.identify(u)
	w.at("code")
	w.enter("code", w.next(u.tokens[0]))
	w.sees(u, path)
}

// sees wants the app's page, for a user.
func (w *window) sees(u *user, path string) {
	w.t.Helper()
	w.at(path)
	w.until(fmt.Sprintf("document.querySelector('#user')?.textContent === %q", u.Name))
}

// scan reads the picture for authenticator apps as a phone does, and gives the key.
func (w *window) scan(u *user) (key string) {
	w.t.Helper()
	w.until(`document.querySelector(".qr")`)
	picture, err := chromedp.Run(w.ctx, chromedp.ScreenshotScale(chromedp.CSS(".qr"), 2))
	if err != nil {
		w.t.Fatal(err)
	}
	name := filepath.Join(w.t.TempDir(), "qr.png")
	if err := os.WriteFile(name, picture, 0o600); err != nil {
		w.t.Fatal(err)
	}
	uri := run(w.t, nil, "zbarimg", "--quiet", "--raw", name)
	issuer := strings.ReplaceAll(strings.TrimPrefix(w.url, "http://"), ":", "%3A")
	m := regexp.MustCompile(`^otpauth://totp/` + issuer + `:` + u.Name + `\?secret=([A-Z2-7]{32})&issuer=` + issuer + `&algorithm=SHA1&digits=6&period=30$`).FindStringSubmatch(uri)
	if m == nil {
		w.t.Fatalf("the picture says %s", uri)
	}
	if shown := value[string](w, `document.querySelector(".key").textContent.replace(/\s/g, "")`); shown != m[1] {
		w.t.Errorf("the key beside the picture is not the picture's")
	}
	return m[1]
}

// enrolApp sets up an authenticator app, and gives its key.
func (w *window) enrolApp(u *user) (key string) {
	w.t.Helper()
	w.press(`form[action$="/app"] button`)
	key = w.scan(u)
	w.enter("code", run(w.t, nil, "oathtool", "--totp", "--base32", key))
	return key
}
