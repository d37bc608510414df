package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// deep is a page of the app that somebody has a link to.
const deep = "/deep/page?x=1&y=%C3%A4"

// A first sign-in enrols an app by its picture and leads to exactly the page that
// was asked for, without a script too (WEB-08, DEV-06).
func TestFirstSignIn(t *testing.T) {
	d := open(t, "", "")
	for name, scripts := range map[string]bool{"alice": true, "bob": false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			d := d.in(t)
			u, w := d.addUser(name), d.window()
			call(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
			w.goes(deep)
			w.identify(u)
			w.at("enrol")
			w.enrolApp(u)
			w.sees(u, deep)
			if got := value[string](w, `document.querySelector("#url").textContent`); got != deep {
				t.Errorf("the app is asked for %s", got)
			}
		})
	}
}

// Whatever code somebody has at hand opens the door: of a device, one of a saved
// set, one that is sent.
func TestCodes(t *testing.T) {
	d := open(t, "", "")
	u := d.addUser("alice")
	u.addToken()
	u.addAddress("phone", "+79001234567")
	u.addAddress("email", "alice@example.com")
	w := d.window()
	w.signIn(u, deep)
	w.goes("/.doorward/backup-codes")
	w.press("main form button")
	w.until(`document.querySelectorAll(".codes li").length >= 5`)
	backup := value[string](w, `document.querySelector(".codes li").innerText`)

	for what, code := range map[string]func(w *window) string{
		"a backup code": func(*window) string { return backup },
		"by phone": func(w *window) string {
			w.send("+7900")
			return d.code("+79001234567")
		},
		"by e-mail": func(w *window) string {
			w.send("@")
			return d.code("alice@example.com")
		},
	} {
		t.Run(what, func(t *testing.T) {
			d := d.in(t)
			w := d.window()
			w.goes(deep)
			w.identify(u)
			w.at("code")
			w.enter("code", "000000")
			w.until(`document.querySelector("[role=alert]") && document.querySelector("[name=code]").getAttribute("aria-invalid") === "true"`)
			w.enter("code", code(w))
			w.sees(u, deep)
		})
	}
}

// send presses the button that has a code sent to an address with these signs.
func (w *window) send(signs string) {
	w.t.Helper()
	value[bool](w, fmt.Sprintf(`[...document.querySelectorAll("main button")].some(b => b.innerText.includes(%q) && (b.id = "chosen"))`, signs))
	w.press("#chosen")
	w.at("code")
}

// A page that wants a newer code asks for a code only, and shows itself then.
func TestStepUp(t *testing.T) {
	site := func(age string) string { return "require /payments/* {\notp_max_age " + age + "\n}" }
	d := open(t, "", site("1s"))
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	w.signIn(u, "/")
	d.await("the code gets too old", func() bool {
		w.goes("/payments/?to=bob")
		return w.so(`location.pathname === "/.doorward/step-up"`)
	})
	if w.so(`document.querySelector("[name=name], [name=password]")`) {
		t.Error("the step-up asks for more than a code")
	}
	d.reload("", site("1h")) // so that a slow machine does not ask again
	w.enter("code", d.next(u.tokens[0]))
	w.sees(u, "/payments/?to=bob")
}

// After a sign-out neither Back nor a reload shows anything.
func TestSignOut(t *testing.T) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	w.signIn(u, "/kept")
	w.goes("/.doorward/devices")
	w.goes("/.doorward/sign-out")
	if status, _ := d.get("/", "Cookie", w.cookies()); status != 200 {
		t.Errorf("opening the page of the sign-out is a sign-out: %d", status)
	}
	old := w.cookies()
	w.press("main form button")
	if status, _ := d.get("/", "Cookie", old); status != 401 {
		t.Errorf("the old token gives %d", status)
	}
	if now := w.cookies(); now != "" {
		t.Errorf("the browser keeps %s", now)
	}
	history := call(w, page.GetNavigationHistory, none)
	for _, back := range []int64{2, 3} {
		entry := history.Entries[history.CurrentIndex-back]
		if path := []string{"/.doorward/devices", "/kept"}[back-2]; entry.URL != w.url+path {
			t.Errorf("%d back is %s", back, entry.URL)
		}
		w.leaves(func() {
			call(w, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry.ID})
		})
		if !w.so(`location.pathname === "/.doorward/sign-in"`) {
			t.Fatalf("Back to %s shows %s", entry.URL, w.text())
		}
	}
	w.leaves(func() { call(w, page.Reload, page.ReloadParams{}) })
	w.at("sign-in")
}
