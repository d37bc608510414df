package browser

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

var pictures = flag.String("pictures", "", "put pictures of all pages into this `folder`")

// TestPictures makes pictures for people to look at, when it is asked to:
// go test ./caddymodule/browser -run TestPictures -pictures DIR
func TestPictures(t *testing.T) {
	if *pictures == "" {
		return
	}
	for _, language := range []string{"en", "ru", "pt", "zh"} {
		t.Run(language, func(t *testing.T) {
			n := 0
			walk(t, language, func(w *window, name string) {
				n++
				for _, colours := range []string{"dark", "light"} {
					w.scheme(colours)
					for screen, size := range map[string]size{"phone": phone, "desktop": desktop} {
						w.resize(size)
						file := fmt.Sprintf("%s-%02d-%s-%s-%s.png", language, n, strings.ReplaceAll(name, " ", "-"), screen, colours)
						w.picture(filepath.Join(*pictures, file))
					}
				}
				w.resize(desktop)
			})
		})
	}
}

// picture is of the whole page.
func (w *window) picture(file string) {
	w.t.Helper()
	shot := call(w, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
	if err := os.WriteFile(file, shot.Data, 0o600); err != nil {
		w.t.Fatal(err)
	}
}
