package browser

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// tour is a walk through every page of the portal, which are known by their
// templates.
type tour struct {
	*window
	look func(w *window, page string)
	seen map[string]bool
}

// see has a look at a page, if it is the one.
func (s *tour) see(template, remark, path string) {
	s.t.Helper()
	s.at(path)
	s.seen[template] = true
	s.look(s.window, strings.TrimSpace(template+" "+remark))
}

const rules = "require /vault/* device\nrequire /payments/* {\notp_max_age 1s\n}\nrequire /admin/* {\ngroup admins\n}"

// walk goes through all pages in one language. A new one that nobody looks at fails.
func walk(t *testing.T, language string, look func(w *window, page string)) {
	d := open(t, "", rules)
	s := &tour{d.window(), look, map[string]bool{"layout": true, "parts": true, "deviceparts": true}}
	s.resize(desktop)
	s.language(language)
	u := d.addUser("alice")
	s.firstSteps(u)
	s.invitation()
	u.addToken()
	u.addAddress("phone", "+79001234567")
	s.ownDevices(u)
	s.ownAccount(u)
	s.codes(u)
	s.asked()
	s.newDevices(language)

	templates, err := filepath.Glob("../pages/templates/*.html")
	if err != nil || len(templates) == 0 {
		t.Fatalf("no templates %v", err)
	}
	for _, file := range templates {
		if name := strings.TrimSuffix(filepath.Base(file), ".html"); !s.seen[name] {
			t.Errorf("nobody looks at the page %s: give it a line in walk", name)
		}
	}
}

// firstSteps lead to a first session.
func (s *tour) firstSteps(u *user) {
	s.t.Helper()
	s.goes("/.doorward/nothing")
	s.see("message", "not found", "nothing")
	s.goes(deep)
	s.see("signin", "", "sign-in")
	s.fill("name", u.Name)
	s.enter("password", "wrong")
	s.see("signin", "wrong", "sign-in")
	s.identify(u)
	s.see("enrol", "", "enrol")
	s.press(`a[href*="enrol/phone"]`)
	s.see("enrol_address", "phone", "enrol/phone")
	s.enter("address", "12")
	s.see("enrol_address", "phone wrong", "enrol/phone")
	s.goes("/.doorward/enrol/email")
	s.see("enrol_address", "email", "enrol/email")
	s.enter("address", "alice@example.com")
	s.see("enrol_code", "email", "enrol/code")
	s.goes("/.doorward/enrol?to=" + deep)
	s.press(`form[action$="enrol/app"] button`)
	s.see("enrol_app", "", "enrol/app")
	key := s.scan(u)
	s.enter("code", "000000")
	s.see("enrol_code", "wrong", "enrol/code")
	s.enter("code", run(s.t, nil, "oathtool", "--totp", "--base32", key))
	s.sees(u, "/deep/page")
	s.goes("/.doorward/continue?to=/stay")
	s.see("continue", "", "continue")
	s.goes("/admin/")
	s.see("refused", "", "/admin/")
	s.goes("/wait")
	s.see("wait", "", "/wait")
	s.goes("/.doorward/sign-out")
	s.see("signout", "", "sign-out")
	s.press("main form button")
	s.see("signedout", "", "signed-out")
}

// invitation is for who may not enrol by himself.
func (s *tour) invitation() {
	s.t.Helper()
	s.reload("first_device invite", "")
	bob := s.addUser("bob")
	var link admin.Invitation
	s.call("user/invite", admin.UserRef{User: bob.Name}, &link)
	s.goes("/.doorward/sign-in")
	s.identify(bob)
	s.see("nodevice", "", "sign-in")
	s.goes(link.URL)
	s.see("signin", "invited", strings.TrimPrefix(link.URL, s.url))
	s.fill("name", bob.Name)
	s.enter("password", bob.Password)
	s.at("enrol")
	s.reload("", rules)
}

func (s *tour) ownDevices(u *user) {
	s.t.Helper()
	s.signIn(u, "/")
	s.goes("/.doorward/devices")
	s.see("devices", "", "devices")
	s.goes("/.doorward/devices/add")
	s.see("enrol", "another", "devices/add")
	s.press(`form[action$="add/app"] button`)
	s.see("enrol_app", "another", "devices/add/app")
	s.goes("/.doorward/devices/add/email")
	s.see("enrol_address", "another", "devices/add/email")
	s.enter("address", "alice@example.org")
	s.see("enrol_code", "another", "devices/add/code")
	s.enter("code", s.code("alice@example.org"))
	s.see("devices", "added", "devices")
	serial := u.tokens[0].Serial
	s.goes("/.doorward/device?id=" + serial)
	s.see("device", "", "device")
	s.enter("name", strings.Repeat("x", 300))
	s.see("device", "wrong", "device/rename")
	s.goes("/.doorward/device/block?id=" + serial)
	s.see("confirm", "block", "device/block")
	s.goes("/.doorward/device/remove?id=" + serial)
	s.see("confirm", "remove", "device/remove")
}

func (s *tour) ownAccount(u *user) {
	s.t.Helper()
	other := s.door.window()
	other.signIn(u, "/")
	s.goes("/.doorward/sessions")
	s.see("sessions", "", "sessions")
	s.goes("/.doorward/password")
	s.see("password", "", "password")
	s.fill("present", "a")
	s.fill("new", "b")
	s.enter("again", "c")
	s.see("password", "wrong", "password")
	s.goes("/.doorward/backup-codes")
	s.see("backup", "none", "backup-codes")
	s.press("main form button")
	s.see("backup", "made", "backup-codes")
	s.goes("/.doorward/sign-in?again=1&to=/.doorward/devices")
	s.see("signin", "again", "sign-in")
}

// codes are asked for at a sign-in and when one has become too old.
func (s *tour) codes(u *user) {
	s.t.Helper()
	s.await("the code gets too old", func() bool {
		s.goes("/payments/")
		return s.so(`location.pathname === "/.doorward/step-up"`)
	})
	s.see("code", "step-up", "step-up")
	s.goes("/.doorward/sign-out")
	s.press("main form button")
	s.goes("/.doorward/sign-in")
	s.identify(u)
	s.see("code", "", "code")
	s.enter("code", "000000")
	s.see("code", "wrong", "code")
	s.send("+7900")
	s.see("code", "sent", "code")
}

// asked is somebody whose app answers in place of a code.
func (s *tour) asked() {
	s.t.Helper()
	u := s.addUser("dave")
	app := u.addApp()
	s.goes("/.doorward/sign-in?to=/")
	s.identify(u)
	s.at("code/wait")
	s.press(`a[href*="still=1"]`) // or it would go while somebody looks
	s.see("code_wait", "", "code/wait")
	s.press(`a[href*="/code?"]`)
	s.see("code", "asked", "code")
	app.says("no")
	s.press(`a[href*="/wait?"]`)
	s.see("code", "denied", "code/wait")
	s.press(`form[action$="code/send"] button`)
	s.at("code/wait")
	app.says(s.number())
	s.sees(u, "/")
	s.goes("/.doorward/devices")
	s.see("devices", "and app", "devices")
	s.goes("/.doorward/sign-out")
	s.press("main form button")
}

// newDevices are browsers that are let in: the first by a code, this one by the first.
func (s *tour) newDevices(language string) {
	s.t.Helper()
	u := s.addReachable("carol", "+79007654321")
	first := s.door.window()
	first.language(language)
	first.register(u, "/vault/")
	s.goes("/.doorward/sign-out")
	s.goes("/vault/")
	s.identify(u)
	s.enter("code", s.next(u.tokens[0]))
	s.see("browser", "", "browser")
	s.press(`form:has([value=phone]) button`)
	s.see("browser_code", "", "browser/code")
	for range 4 {
		s.enter("code", "222222")
	}
	s.see("browser_code", "wrong", "browser/code")
	s.enter("code", "222222")
	s.see("browser", "refused", "browser")
	s.press(`form:has([value=device]) button`)
	s.at("browser/wait")
	s.press(`a[href*="still=1"]`) // or it would go while somebody looks
	s.see("browser_wait", "", "browser/wait")
	other := &tour{first, s.look, s.seen}
	other.resize(desktop)
	other.goes("/.doorward/devices")
	other.see("devices", "and browsers", "devices")
	other.press(`a[href$="approvals"]`)
	other.see("approvals", "", "approvals")
	s.goes("/.doorward/approvals")
	s.see("approvals", "elsewhere", "approvals")
	other.press(`form[action$="approvals/approve"] button`)
	other.see("approvals", "approved", "approvals")
	s.goes("/.doorward/browser?to=/vault/")
	s.sees(u, "/vault/")
}
