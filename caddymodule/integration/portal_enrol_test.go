package integration

import (
	"bytes"
	"encoding/json"
	"html"
	"image"
	"image/draw"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// postbox is a gateway for text messages and e-mails that keeps what it is given.
type postbox struct {
	*httptest.Server
	mu     sync.Mutex
	texts  map[string][]string // by the address they went to
	status int
}

func newPostbox(t testing.TB) *postbox {
	p := &postbox{texts: map[string][]string{}, status: http.StatusOK}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ To, Text string }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		if err != nil {
			t.Errorf("a message: %v", err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.status == http.StatusOK {
			p.texts[m.To] = append(p.texts[m.To], m.Text)
		}
		w.WriteHeader(p.status)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *postbox) fails(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = status
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code is the youngest that went to an address, and how many did.
func (p *postbox) code(to string) (code string, sent int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range p.texts[to] {
		if found := sixDigits.FindString(text); found != "" {
			code, sent = found, sent+1
		}
	}
	return code, sent
}

// openPost is a gateway that sends codes, before an app that echoes its headers.
func openPost(t testing.TB, globals, site string) (*door, *postbox) {
	t.Helper()
	p := newPostbox(t)
	return open(t, "channel phone http "+p.URL+"/\nchannel email http "+p.URL+"/\n"+globals, site), p
}

var (
	keyGroup = regexp.MustCompile(`<span>([A-Z2-7]{1,4})</span>`)
	linked   = regexp.MustCompile(`href="(otpauth://[^"]*)"`)
)

// key is the one that the page shows as text.
func (p shownPage) key() (key string) {
	p.b.t.Helper()
	for _, group := range keyGroup.FindAllStringSubmatch(p.body, -1) {
		key += group[1]
	}
	if len(key) < 32 {
		p.b.t.Fatalf("%s shows no key:\n%s", p.path, p.body)
	}
	return key
}

var (
	viewBox = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	run     = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// scan reads the QR code of the page as a phone does. It is drawn here, four points
// a module; a real browser draws it in the tests of caddymodule/browser.
func (p shownPage) scan() string {
	p.b.t.Helper()
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			p.b.t.Fatal(err)
		}
		return n
	}
	box := viewBox.FindStringSubmatch(p.body)
	if box == nil {
		return ""
	}
	const point = 4
	picture := image.NewGray(image.Rect(0, 0, point*number(box[1]), point*number(box[2])))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	for _, m := range run.FindAllStringSubmatch(p.body, -1) {
		x, y, n := number(m[1]), number(m[2]), number(m[3])
		draw.Draw(picture, image.Rect(point*x, point*y, point*(x+n), point*(y+1)), image.Black, image.Point{}, draw.Src)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		p.b.t.Fatal(err)
	}
	cmd := exec.Command("zbarimg", "--quiet", "--raw", "PNG:-")
	cmd.Stdin = &file
	out, err := cmd.Output()
	if err != nil {
		p.b.t.Fatalf("zbarimg (apt-get install zbar-tools) reads no QR code: %v", err)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// A first sign-in: an app is set up on the way, by its picture. The key is shown
// once (DEV-05), and the picture holds exactly the link (DEV-06).
func TestEnrolAppAtFirstSignIn(t *testing.T) {
	d := open(t, `public_url https://app.example.com`, "")
	for _, name := range []string{"bob", "x&y?z=1#:%ü漢", strings.Repeat("a", 64)} {
		one := d.another(name)
		b := d.browser()
		choice := one.showPassword(b, "/x").want(http.StatusOK, "Set up a device", "Authenticator app")
		if strings.Contains(choice.body, "enrol/phone") || strings.Contains(choice.body, "enrol/email") {
			t.Error("a kind is offered that nothing is sent to")
		}
		page := choice.submit("/.doorward/enrol/app").want(http.StatusOK, "Set up your app")
		key, uri := page.key(), html.UnescapeString(linked.FindStringSubmatch(page.body)[1])
		if page.header.Get("Cache-Control") != "no-store" || !strings.Contains(uri, "secret="+key+"&") || page.scan() != uri {
			t.Errorf("the key is %s, the link %s, the picture %s; %v", key, uri, page.scan(), page.header)
		}
		wrong := page.submit("/.doorward/enrol/code", "code", "000000").want(http.StatusForbidden, "This code is not right", "you have just set up")
		again := b.open("/.doorward/enrol/code?to=/x").want(http.StatusOK, "you have just set up")
		reload := b.open("/.doorward/enrol/app?to=/x").want(http.StatusOK, "Set up a device")
		for _, p := range []shownPage{wrong, again, reload} {
			if strings.Contains(p.body, key[:8]) || strings.Contains(p.body, "<svg") || strings.Contains(p.body, "otpauth") {
				t.Errorf("%s shows the key again", p.path)
			}
		}
		wrong.submit("/.doorward/enrol/code", "code", oathtool(t, "--totp", "--base32", key)).want(http.StatusOK, "Remote-User")
		if b.cookie("doorward-flow") != "" || b.cookie("doorward") == "" {
			t.Error("the sign-in is not at its end")
		}
		// Now there is a device, and a password alone enrols no other (law 7).
		other := d.browser()
		code := one.showPassword(other, "/").want(http.StatusOK, "Enter your code")
		if p := other.open("/.doorward/enrol"); p.path != "/.doorward/code?to=%2F" {
			t.Errorf("a second device is offered at %s", p.path)
		}
		form := code.form("/.doorward/code")
		if p := other.send(http.MethodPost, "/.doorward/enrol/app", form); p.status == http.StatusOK || strings.Contains(p.body, "otpauth") {
			t.Errorf("a password alone enrols a second device: %d", p.status)
		}
	}
}

// A phone and an e-mail address are enrolled by the code that is sent there.
func TestEnrolAddressAtFirstSignIn(t *testing.T) {
	d, post := openPost(t, "factors totp phone email", "")
	for name, c := range map[string]struct{ kind, wrong, typed, address, shown string }{
		"bob":   {"phone", "12345", "+351 912 345 678", "+351912345678", "+3519***5678"},
		"carol": {"email", "nobody", " Carol@Example.com ", "carol@example.com", "c***@e***.com"},
	} {
		var u admin.UserWithPassword
		d.call("user/add", admin.AddUser{Name: name}, &u)
		one := *d
		one.name, one.password = name, u.Password
		b, path := d.browser(), "/.doorward/enrol/"+c.kind
		one.showPassword(b, "/x").want(http.StatusOK, "Set up a device")
		ask := b.open(path + "?to=/x").want(http.StatusOK)
		wrong := ask.submit(path, "address", c.wrong).want(http.StatusUnprocessableEntity, "that codes can be sent to")
		if wrong.form(path).Get("address") != c.wrong {
			t.Error("what was typed is gone")
		}
		post.fails(http.StatusInternalServerError)
		wrong.submit(path, "address", c.typed).want(http.StatusServiceUnavailable, "The code could not be sent")
		post.fails(http.StatusOK)
		sent := wrong.submit(path, "address", c.typed).want(http.StatusOK, "A code is on its way to "+c.shown)
		sent.submit("/.doorward/enrol/code", "code", "000000").want(http.StatusForbidden, "This code is not right", c.shown)
		code, _ := post.code(c.address)
		sent.submit("/.doorward/enrol/code", "code", code).want(http.StatusOK, `"Remote-User":["`+name+`"]`)
	}
}

// DEV-01: with first_device invite a password alone enrols nothing; an invitation
// does, once, for its user, and whoever reads mail does not use it up.
func TestInvitation(t *testing.T) {
	d := open(t, "first_device invite\npublic_url https://app.example.com", "")
	bob, carol := d.another("bob"), d.another("carol")
	bob.showPassword(d.browser(), "/").want(http.StatusForbidden, "Ask whoever runs this site for an invitation")
	var i admin.Invitation
	d.call("user/invite", admin.UserRef{User: "bob"}, &i)
	path, ours := strings.CutPrefix(i.URL, "https://app.example.com")
	if !ours || !strings.HasPrefix(path, "/.doorward/invite/") {
		t.Fatalf("the link is %s", i.URL)
	}
	for range 3 {
		if p := d.browser().open(path).want(http.StatusOK, "You are invited"); p.header.Get("Referrer-Policy") != "no-referrer" {
			t.Error("the address of the page is told to others")
		}
	}
	b := d.browser()
	const refused = "This invitation was used, has expired, or is for somebody else."
	b.open(path).submit("/.doorward/sign-in", "name", "carol", "password", carol.password).want(http.StatusForbidden, refused)
	b.open("/.doorward/invite/AAAAAAAAAAAAAAAAAAAAAAAAAA").submit("/.doorward/sign-in", "name", "bob", "password", bob.password).want(http.StatusForbidden, refused)
	b.open("/.doorward/invite/x").want(http.StatusForbidden, refused)
	wrong := b.open(path).submit("/.doorward/sign-in", "name", "bob", "password", "wrong").want(http.StatusForbidden, "You are invited")
	page := wrong.submit("/.doorward/sign-in", "name", "bob", "password", bob.password).want(http.StatusOK, "Set up a device").
		submit("/.doorward/enrol/app").want(http.StatusOK)
	late := d.browser()
	beside := late.open(path).submit("/.doorward/sign-in", "name", "bob", "password", bob.password).want(http.StatusOK, "Set up a device")
	page.submit("/.doorward/enrol/code", "code", oathtool(t, "--totp", "--base32", page.key())).want(http.StatusOK, `"Remote-User":["bob"]`)
	beside.submit("/.doorward/enrol/app").want(http.StatusForbidden, refused)
	again := d.browser().open(path).submit("/.doorward/sign-in", "name", "bob", "password", bob.password).want(http.StatusForbidden, refused)
	again.submit("/.doorward/sign-in", "name", "bob", "password", bob.password).want(http.StatusOK, "Enter your code") // he needs no invitation any more
}

// Who has a device that is blocked is told so in his language, and not that he has none: an
// invitation would not be what he needs. Without the password he learns nothing.
func TestOnlyDeviceIsBlocked(t *testing.T) {
	d := open(t, "", "")
	d.call("device/block", admin.DeviceRef{Device: d.serial}, &admin.Device{})
	for language, text := range map[string]string{
		"en": "none of your devices can be used for it now",
		"ru": "ни одно из ваших устройств сейчас для этого не подходит",
		"pt": "nenhum dos seus dispositivos pode ser usado",
		"zh": "您的设备目前都无法用于登录",
	} {
		b := d.browser()
		b.headers["Accept-Language"] = language
		page := d.showPassword(b, "/").want(http.StatusForbidden, text)
		if language == "en" && strings.Contains(page.body, "invitation") {
			t.Errorf("he is sent for an invitation:\n%s", page.body)
		}
		guess := b.open("/.doorward/sign-in").submit("/.doorward/sign-in", "name", d.name, "password", "wrong").want(http.StatusForbidden)
		if strings.Contains(guess.body, text) {
			t.Errorf("without the password he learns of devices:\n%s", guess.body)
		}
	}
}

// LOG-01: what people type, what opens a door, and the path of an invitation stand
// in no log line.
func TestPagesLogNoSecrets(t *testing.T) {
	app := newBackend(t, nil)
	config := caddyfile("first_device invite\npublic_url https://app.example.com", "", "log {\noutput file \"{$KIT_DIR}/access.log\"\n}\nreverse_proxy "+app.Listener.Addr().String())
	config = strings.Replace(config, "doorward {", "log default {\noutput file \"{$KIT_DIR}/caddy.log\"\nlevel DEBUG\n}\ndoorward {", 1)
	d := openBefore(t, app, config)
	bob := d.another("bob")
	var i admin.Invitation
	d.call("user/invite", admin.UserRef{User: "bob"}, &i)
	path := strings.TrimPrefix(i.URL, "https://app.example.com")
	token := path[strings.LastIndexByte(path, '/')+1:]
	b := d.browser()
	choice := b.open(path).submit("/.doorward/sign-in", "name", "bob", "password", bob.password).want(http.StatusOK, "Set up a device")
	flow, ticket := choice.form("/.doorward/enrol/app").Get("flow"), b.cookie("doorward-flow")
	page := choice.submit("/.doorward/enrol/app").want(http.StatusOK)
	code := oathtool(t, "--totp", "--base32", page.key())
	page.submit("/.doorward/enrol/code", "code", code).want(http.StatusOK, "Remote-User")
	b.open("/.doorward/invite/" + token + "/x").want(http.StatusNotFound)
	b.send(http.MethodPut, path, nil)
	logged := ""
	for _, name := range []string{"caddy.log", "access.log"} {
		text, err := os.ReadFile(filepath.Join(d.Dir, name))
		if err != nil && name == "caddy.log" {
			t.Fatal(err)
		}
		logged += string(text)
	}
	for _, want := range []string{`"page":"invite"`, `"page":"enrol/code"`, `"page":"sign-in"`} {
		if !strings.Contains(logged, want) {
			t.Errorf("the log has no %s", want)
		}
	}
	for what, secret := range map[string]string{
		"the invitation": token, "the password": bob.password, "the key": page.key(), "the code": `"` + code, "the form's flow": flow, "the ticket": ticket,
		"the token": b.cookie("doorward"),
	} {
		if secret == "" || strings.Contains(logged, secret) {
			t.Errorf("the log has %s (%d bytes)", what, len(secret))
		}
	}
}
