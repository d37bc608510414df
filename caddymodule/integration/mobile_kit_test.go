package integration

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// handset is the reference app of docs/examples on somebody's phone.
type handset struct {
	*door
	post *postbox
	push string // what it is woken by
	file string
}

// openHandset starts a gateway over a store, which apps reach at a port, and enrols one
// for the door's user.
func openHandset(t *testing.T, store string) *handset {
	t.Helper()
	app, post := newBackend(t, nil), newPostbox(t)
	site := "http://localhost:" + freePort(t)
	config := caddyfile("public_url "+site+"\nfactors mobile_application totp hotp\nchannel mobile_application http "+post.URL+"/", "api onlyoffice\nrequire /fresh* {\notp_max_age 5m\n}",
		"reverse_proxy "+app.Listener.Addr().String()) + "\n" + site + " {\nbind 127.0.0.1\ndoorward\n}"
	h := &handset{openBefore(t, app, strings.Replace(config, `store sqlite "{$KIT_DIR}/doorward.db"`, store, 1)), post, "PUSH-1", filepath.Join(t.TempDir(), "app.json")}
	if out, err := h.app("enrol", h.scanned()); err != nil || !strings.Contains(out, "enrolled as device") {
		t.Fatalf("the app says %q: %v", out, err)
	}
	return h
}

// onBothHandsets runs a test on each database.
func onBothHandsets(t *testing.T, test func(*testing.T, *handset)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, openHandset(t, `store sqlite "{$KIT_DIR}/doorward.db"`)) })
	t.Run("postgres", func(t *testing.T) {
		dsn := onePostgres(t).Database(t)
		test(t, openHandset(t, "store postgres "+dsn+"\nseal_key "+strings.Repeat("A", 43)+"="))
	})
}

// scanned registers the device by the command, and gives what a phone reads in the picture
// that it draws.
func (h *handset) scanned() string {
	h.t.Helper()
	cmd := caddyCommand(h.t.Context(), h.Dir, "doorward", "device", "add", h.name, "--kind", "mobile_application", "--to", h.push, "--address", "unix/"+filepath.Join(h.Dir, "admin.sock"))
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil {
		h.t.Fatalf("device add: %v\n%s", err, talk.String())
	}
	read, err := exec.Command("zbarimg", "--quiet", "--raw", terminalPNG(h.t, talk.String())).Output()
	uri := strings.TrimSpace(string(read))
	if err != nil || uri == "" || !strings.Contains(out.String(), "uri: "+uri+"\n") || !strings.Contains(talk.String(), "24 hours") {
		h.t.Fatalf("the picture says %q (%v), the command %q", uri, err, out.String())
	}
	return uri
}

// terminalPNG paints what is drawn in half blocks as a terminal with bright text on black does.
func terminalPNG(t testing.TB, text string) string {
	t.Helper()
	const scale = 4
	var lines [][]rune
	for line := range strings.Lines(text) {
		if strings.ContainsAny(line, "█▀▄") {
			lines = append(lines, []rune(strings.TrimSuffix(line, "\n")))
		}
	}
	if len(lines) == 0 {
		t.Fatalf("nothing is drawn:\n%s", text)
	}
	picture := image.NewGray(image.Rect(0, 0, len(lines[0])*scale, 2*len(lines)*scale))
	for y, line := range lines {
		for x, r := range line {
			for half, bright := range []bool{r == '█' || r == '▀', r == '█' || r == '▄'} {
				for dot := range scale * scale {
					if bright {
						picture.SetGray(x*scale+dot%scale, (2*y+half)*scale+dot/scale, color.Gray{Y: 255})
					}
				}
			}
		}
	}
	name := filepath.Join(t.TempDir(), "qr.png")
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// app runs the example: go keeps what it has built.
func (h *handset) app(words ...string) (out string, err error) {
	h.t.Helper()
	args := append([]string{"run", "-C", "../../docs/examples/mobileapp", ".", "-file", h.file}, words...)
	text, err := exec.CommandContext(h.t.Context(), "go", args...).CombinedOutput()
	return string(text), err
}

// says has its owner answer what waits.
func (h *handset) says(word string) {
	h.t.Helper()
	if out, err := h.app("wait", word); err != nil || !strings.Contains(out, "is it you, "+h.name) {
		h.t.Fatalf("the app says %q: %v", out, err)
	}
}

// woken is what it was sent.
func (h *handset) woken() []string {
	h.post.mu.Lock()
	defer h.post.mu.Unlock()
	return append([]string(nil), h.post.texts[h.push]...)
}

var numberShown = regexp.MustCompile(`<p class="number"><strong>([1-9][0-9])</strong></p>`)

// number is the one that the page of who waits shows.
func (p shownPage) number() string {
	p.b.t.Helper()
	found := numberShown.FindStringSubmatch(p.body)
	if found == nil {
		p.b.t.Fatalf("%s (%d) shows no number:\n%s", p.path, p.status, p.body)
	}
	return found[1]
}

var refreshes = regexp.MustCompile(`^5;url=(.*)$`)

// again is what the browser shows after the page has loaded itself anew.
func (p shownPage) again() shownPage {
	p.b.t.Helper()
	found := refreshes.FindStringSubmatch(p.header.Get("Refresh"))
	if found == nil {
		p.b.t.Fatalf("%s (%d) goes on by %q", p.path, p.status, p.header.Get("Refresh"))
	}
	return p.b.open(found[1])
}

// stays fails the test if the page goes on by itself.
func (p shownPage) stays() shownPage {
	p.b.t.Helper()
	if r := p.header.Get("Refresh"); r != "" {
		p.b.t.Errorf("%s goes on by %q", p.path, r)
	}
	return p
}

// other is a number that is not shown.
func other(number string) string {
	if number == "10" {
		return "11"
	}
	return "10"
}

// devicesOf are those of the door's user of the kind.
func (d *door) devicesOf(kind string) (list []admin.Device) {
	d.t.Helper()
	var all []admin.Device
	d.call("device/list", admin.ListOf{User: d.name}, &all)
	for _, one := range all {
		if one.Kind == kind {
			list = append(list, one)
		}
	}
	return list
}

func atWaiting(page, to, flow string) string {
	return fmt.Sprintf("/.doorward/%s/wait?%s", page, url.Values{"flow": {flow}, "to": {to}}.Encode())
}
