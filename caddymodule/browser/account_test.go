package browser

import (
	"fmt"
	"testing"
)

// A browser that is thrown out from another one knows it at once: its open
// WebSocket ends, and its next page is the sign-in (SES-07, DEV-12).
func TestThrownOut(t *testing.T) {
	d := open(t, "", "")
	u, second := d.addUser("alice"), d.window()
	u.addToken()
	second.signIn(u, "/two")
	for what, do := range map[string]func(first *token){
		"the device is blocked": func(first *token) {
			second.goes("/.doorward/device/block?id=" + first.Serial)
			second.press("main form button")
			second.at("devices")
		},
		"the other sessions are ended": func(*token) {
			second.goes("/.doorward/sessions")
			second.press(`form[action$="sessions/end-others"] button`)
			second.at("sessions")
		},
		"its session is ended": func(*token) {
			second.goes("/.doorward/sessions")
			second.press(`form[action$="sessions/end"] button`)
			second.at("sessions")
		},
	} {
		t.Run(what, func(t *testing.T) {
			first, here := d.in(t).window(), u.addToken()
			first.goes("/one")
			first.identify(u)
			first.enter("code", d.next(here))
			first.sees(u, "/one")
			first.socket()
			do(here)
			first.until("socket.readyState === WebSocket.CLOSED")
			first.goes("/one")
			first.at("sign-in")
			second.goes("/two")
			second.sees(u, "/two")
		})
	}
}

// socket opens a WebSocket to the app, and sees that it lives.
func (w *window) socket() {
	w.t.Helper()
	value[int](w, `{
		window.socket = new WebSocket("ws://" + location.host + "/ws");
		socket.onopen = () => socket.send("hello");
		socket.onmessage = m => { window.echo = m.data };
		0
	}`)
	w.until(`window.echo === "hello"`)
}

// Somebody looks after his devices by himself: adds an app, a phone and an
// address, gives a name, removes one.
func TestOwnDevices(t *testing.T) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	w.signIn(u, "/")
	w.goes("/.doorward/devices")
	w.enrolApp(u)
	w.at("/.doorward/devices")
	for kind, address := range map[string]string{"phone": "+79001234567", "email": "alice@example.com"} {
		w.goes("/.doorward/devices/add")
		w.press(fmt.Sprintf(`a[href*=%q], form[action$=%q] button`, "add/"+kind, "add/"+kind))
		w.enter("address", address)
		w.enter("code", d.code(address))
		w.at("/.doorward/devices")
	}
	if n := value[int](w, `document.querySelectorAll(".rows > li").length`); n != 4 {
		t.Errorf("%d devices\n%s", n, w.text())
	}
	w.goes("/.doorward/device?id=" + u.tokens[0].Serial)
	w.enter("name", "My key ring")
	w.until(`document.body.innerText.includes("My key ring")`)
}
