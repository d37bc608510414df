package portal

import (
	"bytes"
	"net/http"
	"time"

	"github.com/doorward/doorward/caddymodule/app"
	"github.com/doorward/doorward/caddymodule/pages"
)

// assets are what the pages are drawn with. These and the keys are all that a
// cache may keep.
var assets = map[string]func(*Portal, http.ResponseWriter, *http.Request){
	"style.css": func(p *Portal, w http.ResponseWriter, r *http.Request) { serve(w, r, p.app.Pages().Style) },
	"logo":      (*Portal).logo,
}

func (p *Portal) logo(w http.ResponseWriter, r *http.Request) {
	if p.app.Pages().Logo == nil {
		p.visit(w, r, "logo") // not found
		return
	}
	serve(w, r, p.app.Pages().Logo)
}

// serve answers with an asset. For good is kept only what is
// asked for by its version: during an upgrade another node may ask for a version
// that this one does not have.
func serve(w http.ResponseWriter, r *http.Request, a *pages.Asset) {
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Content-Security-Policy", a.Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("ETag", `"`+a.Version+`"`)
	h.Set("Cache-Control", "public, no-cache")
	if _, url := app.Original(r); url.Query().Get("v") == a.Version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.Content))
}
