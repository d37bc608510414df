package browser

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"github.com/doorward/doorward/caddymodule/admin"
)

// handset is the app of docs/examples on somebody's phone.
type handset struct {
	*user
	file string
}

// addApp registers one, and enrols it.
func (u *user) addApp() *handset {
	u.d.t.Helper()
	var made admin.DeviceWithSecret
	u.d.call("device/add", admin.AddDevice{User: u.Name, Kind: "mobile_application", Address: "PUSH-" + u.Name}, &made)
	h := &handset{u, filepath.Join(u.d.t.TempDir(), "app.json")}
	h.run("enrol", made.URI)
	return h
}

func (h *handset) run(words ...string) string {
	h.d.t.Helper()
	return run(h.d.t, nil, "go", append([]string{"run", "-C", "../../docs/examples/mobileapp", ".", "-file", h.file}, words...)...)
}

// says has its owner answer what waits.
func (h *handset) says(word string) {
	h.d.t.Helper()
	if shown := h.run("wait", word); !strings.Contains(shown, "is it you, "+h.Name) {
		h.d.t.Errorf("the app shows %q", shown)
	}
}

// number is the one that the page shows.
func (w *window) number() string {
	w.t.Helper()
	return value[string](w, `document.querySelector(".number").innerText.trim()`)
}

// A page that waits for an app goes on by itself, without a script, when its owner has
// entered the number there, and says so when he says no.
func TestNumberMatching(t *testing.T) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	app := u.addApp()
	call(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	w.goes(deep)
	w.identify(u)
	w.at("code/wait")
	app.says("no")
	w.until(`document.querySelector("[role=alert]")?.innerText.includes("said no")`)
	if w.so(`document.querySelector(".number")`) {
		t.Error("a number is shown that nobody asks for")
	}
	w.press(`form[action$="code/send"] button`)
	w.at("code/wait")
	number := w.number()
	app.says(number)
	w.sees(u, deep)
	if got := value[string](w, `document.querySelector("#url").textContent`); got != deep {
		t.Errorf("the app is asked for %s", got)
	}
}
