package integration

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

var codeInApp = regexp.MustCompile(`If a code is asked for there: (\d{6})\n`)

// From the command to the login, on each database: the app is enrolled by the picture, is
// woken, shows the code where only that can be typed, and says yes by the number, or no.
func TestMobileApp(t *testing.T) {
	onBothHandsets(t, func(t *testing.T, h *handset) {
		if list := h.devicesOf("mobile_application"); len(list) != 1 || list[0].Status != "active" || list[0].Address != h.push {
			t.Fatalf("the devices are %+v", list)
		}
		if of, err := os.Stat(h.file); err != nil || of.Mode().Perm() != 0o600 {
			t.Errorf("the key of the app: %v %v", of, err)
		}
		h.byCode(t)
		h.byNumber(t)
		h.refused(t)
		h.steppingUp(t)
	})
}

// byCode types the code that the app shows at the door of ONLYOFFICE.
func (h *handset) byCode(t *testing.T) {
	t.Helper()
	before := len(h.woken())
	if status, text := h.firstFactor(h.password); status != http.StatusCreated || !strings.Contains(text, `"tfa":true`) {
		t.Fatalf("%d %s", status, text)
	}
	woken := h.woken()
	if len(woken) != before+1 || sixDigits.MatchString(woken[before]) {
		t.Errorf("the app is woken by %q", woken[before:])
	}
	out, _ := h.app("wait") // its owner types nothing into it
	code := codeInApp.FindStringSubmatch(out)
	if code == nil {
		t.Fatalf("the app shows %q", out)
	}
	if status, token := h.login(code[1]); status != http.StatusCreated || token == "" {
		t.Errorf("the login gives %d", status)
	}
	if status, _ := h.login(code[1]); status == http.StatusCreated {
		t.Error("the code works twice")
	}
}

// firstFactor shows the password alone.
func (h *handset) firstFactor(password string) (int, string) {
	h.t.Helper()
	return h.door.post("/api/2.0/authentication", `{"userName":"`+h.name+`","password":"`+password+`"}`)
}

// byNumber signs in at the portal.
func (h *handset) byNumber(t *testing.T) {
	t.Helper()
	b := h.browser()
	page := h.showPassword(b, "/x?a=1").want(http.StatusOK, "Confirm on your device", "enter this number there", "Mobile app")
	number := page.number()
	if now := page.again().want(http.StatusOK, "Confirm on your device"); now.number() != number {
		t.Error("the number changes while one looks")
	}
	h.says(number)
	done := page.again().want(http.StatusOK, "Remote-User")
	if done.path != "/x?a=1" {
		t.Errorf("it leads to %s", done.path)
	}
	sessions := len(h.sessions())
	if page.again(); len(h.sessions()) != sessions {
		t.Error("a yes makes two sessions")
	}
}

// refused has the app say no, and another number.
func (h *handset) refused(t *testing.T) {
	t.Helper()
	for _, what := range []string{"no", "another number"} {
		b := h.browser()
		page, word := h.showPassword(b, "/x").want(http.StatusOK), "no"
		if what != word {
			word = other(page.number())
		}
		h.says(word)
		page = page.again().want(http.StatusForbidden, "The device said no").stays()
		if b.cookie("doorward") != "" {
			t.Errorf("%s gives a session", what)
		}
		// It can be asked again, with another question.
		again := page.sendTo(0, "/.doorward/code/send").want(http.StatusOK, "Confirm on your device")
		h.says(again.number())
		again.again().want(http.StatusOK, "Remote-User")
	}
}

// steppingUp asks for a newer yes in a session.
func (h *handset) steppingUp(t *testing.T) {
	t.Helper()
	b := h.browser()
	page := h.showPassword(b, "/x").want(http.StatusOK)
	h.says(page.number())
	page.again().want(http.StatusOK, "Remote-User")
	token := b.cookie("doorward")
	ask := b.open("/.doorward/step-up?to=/fresh").want(http.StatusOK, "A code, please", "Ask the app").stays()
	page = ask.sendTo(0, "/.doorward/step-up/send").want(http.StatusOK, "Confirm on your device", "Signed in as")
	h.says("no")
	page = page.again().want(http.StatusForbidden, "The device said no", "Signed in as").stays()
	if b.cookie("doorward") != token {
		t.Error("a no changes the session")
	}
	page = page.sendTo(0, "/.doorward/step-up/send").want(http.StatusOK)
	h.says(page.number())
	if done := page.again().want(http.StatusOK, "Remote-User"); done.path != "/fresh" || b.cookie("doorward") == token {
		t.Errorf("it leads to %s", done.path)
	}
	h.wantOut("the session before", token)
}

// The page that waits keeps still when it is told to, has the code typed instead, and
// finishes no other sign-in than its own (WEB-06).
func TestWaitingForADevice(t *testing.T) {
	h := openHandset(t, `store sqlite "{$KIT_DIR}/doorward.db"`)
	b := h.browser()
	page := h.showPassword(b, "/x").want(http.StatusOK)
	b.open(page.path+"&still=1").want(http.StatusOK, "no longer looks", page.number()).stays()
	typing := b.open("/.doorward/code?to=/x").want(http.StatusOK, page.number(), "Wait for its answer").stays()
	typing.submit("/.doorward/code", "code", "000000").want(http.StatusForbidden, "This code is not right", page.number())

	// Another tab of the browser begins another sign-in: the page of the first asks about none.
	second := h.showPassword(b, "/y").want(http.StatusOK)
	if second.path == page.path {
		t.Fatal("two sign-ins have one address")
	}
	h.says(second.number())
	for _, path := range []string{page.path, "/.doorward/code/wait?to=/x", atWaiting("code", "/x", "0123456789abcdef")} {
		if p := b.open(path); !strings.HasPrefix(p.path, "/.doorward/code?") || b.cookie("doorward") != "" {
			t.Errorf("%s leads to %s (%d)", path, p.path, p.status)
		}
	}
	if p := b.send(http.MethodHead, second.path, nil); p.status != http.StatusSeeOther || b.cookie("doorward") != "" {
		t.Errorf("a HEAD gives %d", p.status)
	}
	second.again().want(http.StatusOK, "Remote-User")

	// Where nothing is asked, nothing is waited for.
	h.call("device/block", admin.DeviceRef{Device: h.devicesOf("mobile_application")[0].ID}, &admin.Device{})
	third := h.browser()
	page = h.showPassword(third, "/x").want(http.StatusOK, "Enter your code").stays()
	third.open(atWaiting("code", "/x", page.form("/.doorward/code").Get("flow"))).want(http.StatusForbidden, "is not being asked").stays()
	if out, err := h.app("wait", "no"); err == nil || !strings.Contains(out, "401 Unauthorized") {
		t.Errorf("a blocked device is told %q", out)
	}
}

// The list of one's own devices names it; nobody adds one by himself, and where it is woken
// is for nobody's eyes.
func TestOwnMobileApp(t *testing.T) {
	h := openHandset(t, `store sqlite "{$KIT_DIR}/doorward.db"`)
	b := h.browser()
	page := h.showPassword(b, "/x").want(http.StatusOK)
	h.says(page.number())
	page.again().want(http.StatusOK, "Remote-User")
	b.open("/.doorward/devices").want(http.StatusOK, "Mobile app", "Add an authenticator app").lacks(h.push, "devices/add/mobile_application", "Add a mobile")
	b.open("/.doorward/devices/add").want(http.StatusOK).lacks("mobile_application")
	b.open("/.doorward/step-up").want(http.StatusOK, "Ask the app").lacks(h.push)
}
