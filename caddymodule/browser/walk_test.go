package browser

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

var pictures = flag.String("pictures", "", "put a picture of each page into this `folder`")

func (w *window) tmpSignIn(u *user) {
	w.t.Helper()
	code := w.next(u.tokens[0])
	req, _ := http.NewRequest("POST", w.url+"/api/2.0/authentication/"+code, strings.NewReader(fmt.Sprintf(`{"userName":%q,"password":%q}`, u.Name, u.Password)))
	req.Header.Set("Content-Type", "application/json")
	resp, err := direct.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	b := new(strings.Builder)
	buf := make([]byte, 8192)
	n, _ := resp.Body.Read(buf)
	b.Write(buf[:n])
	tok := strings.Split(strings.Split(b.String(), `"token":"`)[1], `"`)[0]
	call(w, network.SetCookie, network.SetCookieParams{Name: "doorward", Value: tok, URL: w.url, HTTPOnly: new(true)})
}

// walk goes through every page of the portal and has a look at each. The pages
// are known by their templates: a new one that nobody looks at fails.
func walk(t *testing.T, language string, look func(w *window, page string)) {
	d := open(t, "", "")
	u, w := d.addUser("alice"), d.window()
	u.addToken()
	u.addToken()
	w.resize(desktop)
	w.language(language)
	seen := map[string]bool{"layout": true, "parts": true, "deviceparts": true}
	see := func(template, remark string) {
		t.Helper()
		seen[template] = true
		look(w, strings.TrimSpace(template+" "+remark))
	}
	w.tmpSignIn(u)
	w.goes("/.doorward/nothing")
	see("message", "not found")
	w.goes("/.doorward/devices")
	see("devices", "")
	w.goes("/.doorward/device?id=" + u.tokens[0].Serial)
	see("device", "")
	w.enter("name", strings.Repeat("x", 300))
	see("device", "wrong name")
	w.goes("/.doorward/device/block?id=" + u.tokens[0].Serial)
	see("confirm", "block this device")
	w.goes("/.doorward/device/remove?id=" + u.tokens[1].Serial)
	see("confirm", "remove")
	w.goes("/.doorward/sessions")
	see("sessions", "")
	w.goes("/.doorward/password")
	see("password", "")
	w.fill("present", "a")
	w.fill("new", "b")
	w.enter("again", "c")
	see("password", "wrong")
	w.goes("/.doorward/backup-codes")
	see("backup", "none")
	w.press("main form button")
	see("backup", "made")

	templates, err := filepath.Glob("../pages/templates/*.html")
	if err != nil || len(templates) == 0 {
		t.Fatal(err)
	}
	for _, file := range templates {
		if name := strings.TrimSuffix(filepath.Base(file), ".html"); !seen[name] {
			t.Errorf("nobody looks at the page %s: give it a line in walk", name)
		}
	}
}

// TestPictures makes pictures for people to look at, when it is asked to.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		return
	}
	for _, language := range []string{"en", "ru", "pt", "zh"} {
		t.Run(language, func(t *testing.T) {
			n := 0
			walk(t, language, func(w *window, name string) {
				n++
				for _, colours := range []string{"light", "dark"} {
					w.scheme(colours)
					for screen, size := range map[string]size{"desktop": desktop, "phone": phone} {
						w.resize(size)
						shot := call(w, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
						file := fmt.Sprintf("%s-%02d-%s-%s-%s.png", language, n, strings.ReplaceAll(name, " ", "-"), screen, colours)
						if err := os.WriteFile(filepath.Join(*pictures, file), shot.Data, 0o600); err != nil {
							t.Fatal(err)
						}
					}
				}
				w.resize(desktop)
			})
		})
	}
	_ = time.Now
}
