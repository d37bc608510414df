package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
)

// A second browser waits to be let in by the first, with and without scripts: it goes on
// by itself as soon as it is. When the first blocks it, its open WebSocket ends, and what
// is for registered devices is closed to it; the first goes on.
func TestRegisteredBrowsers(t *testing.T) {
	d := open(t, "", "require /vault/* device")
	u := d.addReachable("alice", "+79001234567")
	first := d.window()
	first.register(u, "/vault/a?x=1")
	first.hasDevice()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			second, first := d.in(t).window(), first.in(t)
			call(second, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
			second.asks(u, "/vault/b", "device")
			second.at("browser/wait")
			number := value[string](second, `document.querySelector("dl strong").textContent`)
			first.goes("/.doorward/devices")
			first.press(`a[href$="approvals"]`)
			first.press(fmt.Sprintf(`form[action$="approve"]:has([value=%q]) button`, number))
			first.at("approvals")
			second.sees(u, "/vault/b")
			second.hasDevice()
			if scripts {
				second.socket()
			}
			first.goes("/.doorward/device/block?id=" + number)
			first.press("main form button")
			first.at("devices")
			if scripts {
				second.until("socket.readyState === WebSocket.CLOSED")
			}
			second.goes("/vault/b")
			second.identify(u)
			second.enter("code", d.next(u.tokens[0]))
			second.at("browser")
			second.until(`document.body.innerText.includes("blocked") && !document.querySelector("main form")`)
			first.goes("/vault/a")
			first.sees(u, "/vault/a")
		})
	}
}

// in is the same window in a test below.
func (w *window) in(t *testing.T) *window {
	return &window{door: w.door.in(t), ctx: w.ctx}
}

// hasDevice holds the cookie that a registered browser keeps to how it does: no script
// reads it, no other site has it sent, and it outlives the browser.
func (w *window) hasDevice() {
	w.t.Helper()
	for _, c := range w.jar() {
		if c.Name != "doorward-device" {
			continue
		}
		if !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || c.Session || c.Domain != "localhost" {
			w.t.Errorf("the cookie is %+v", c)
		}
		return
	}
	w.t.Errorf("the browser keeps nothing but %s", w.cookies())
}
