package browser

import (
	"testing"

	"github.com/chromedp/cdproto/network"
)

// SES-02: no script reads a cookie of ours, no other site has it sent, and it
// ends with the browser.
func TestCookies(t *testing.T) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	look := func(want string) {
		t.Helper()
		all := w.jar()
		if len(all) != 1 || all[0].Name != want {
			t.Fatalf("%d cookies: %s, want %s", len(all), w.cookies(), want)
		}
		if c := all[0]; !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || !c.Session || c.Domain != "localhost" {
			t.Errorf("the cookie is %+v", c)
		}
		if seen := value[string](w, "document.cookie"); seen != "" {
			t.Errorf("a script sees %s", seen)
		}
	}
	w.goes("/")
	w.identify(u)
	w.at("code")
	look("doorward-flow")
	w.enter("code", d.next(u.tokens[0]))
	w.sees(u, "/")
	look("doorward")
}

// Password managers and phones know each field by what stands in it (WEB-08).
func TestAutocomplete(t *testing.T) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	is := func(field, kind, want string) {
		t.Helper()
		got := value[[]string](w, `(e => [e.type, e.autocomplete, String(e.readOnly || e.disabled || e.onpaste)])(document.querySelector("[name=`+field+`]:not([type=hidden])"))`)
		if got[0] != kind || got[1] != want || got[2] == "true" {
			t.Errorf("%s at %s is %v, want %s %s", field, w.where(), got, kind, want)
		}
	}
	w.goes("/")
	is("name", "text", "username")
	is("password", "password", "current-password")
	w.identify(u)
	w.at("code")
	is("code", "text", "one-time-code")
	w.enter("code", d.next(u.tokens[0]))
	w.sees(u, "/")
	w.goes("/.doorward/password")
	is("present", "password", "current-password")
	is("new", "password", "new-password")
	is("again", "password", "new-password")
}
