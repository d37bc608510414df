// Package pages draws what a person sees: templates, texts in four languages,
// one style sheet. It knows no door and decides nothing.
package pages

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"github.com/doorward/doorward/authcore/messages"
)

//go:embed templates/*.html style.css
var files embed.FS

// Settings are what an operator can change of the pages.
type Settings struct {
	// Where Doorward's own routes are. Default: /.doorward/.
	Prefix string `json:"prefix,omitempty"`

	// What stands at the top of each page. Default: Doorward.
	Name string `json:"name,omitempty"`

	// A file with a picture: svg, png, jpg or webp. Default: none.
	Logo string `json:"logo,omitempty"`

	// The colour of buttons, as 0a7d4f. Default: one of ours.
	Accent string `json:"accent,omitempty"`

	// A folder with templates of your own, which stand in for ours of the same
	// name. Default: none.
	Templates string `json:"templates,omitempty"`
}

// DefaultPrefix is where Doorward's own routes are.
const DefaultPrefix = "/.doorward/"

// Pages are the pages of one configuration.
type Pages struct {
	Settings
	sets map[string]*template.Template // by language
}

// View is what every template is given.
type View struct {
	Page string // the name of the template
	// Title and Error are keys of the catalogue: what the page is, and what is
	// wrong with what was sent; Field is the form field that Error is about.
	Title, Error, Field string
	Done                string // a key: what was just done
	User                string // who is signed in; empty: nobody
	To                  string // where to go afterwards: a path of this site
	Data                any    // of this page

	// Set by Write.
	Lang, Prefix, Name, Nonce string
	HasLogo                   bool
}

// New reads the templates and texts and tries them.
func New(s Settings) (*Pages, error) {
	if s.Prefix == "" {
		s.Prefix = DefaultPrefix
	}
	if s.Name == "" {
		s.Name = "Doorward"
	}
	p := &Pages{Settings: s, sets: map[string]*template.Template{}}
	for lang, texts := range catalogues {
		set, err := template.New("").Funcs(texts.funcs()).ParseFS(files, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("templates: %v", err)
		}
		p.sets[lang] = set
	}
	return p, nil
}

// Write answers with a page, in the language that the browser asks for.
func (p *Pages) Write(w http.ResponseWriter, r *http.Request, status int, v View) error {
	v.Lang = messages.Language(r.Header.Get("Accept-Language"))
	v.Prefix, v.Name, v.HasLogo, v.Nonce = p.Prefix, p.Name, p.Logo != "", rand.Text()
	var page bytes.Buffer
	if err := p.sets[v.Lang].ExecuteTemplate(&page, v.Page+".html", v); err != nil {
		return err
	}
	h := w.Header()
	Harden(h, v.Nonce)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang)
	h.Add("Vary", "Accept-Language")
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes())
	return nil
}

// Harden sets what keeps a page from being framed, sniffed, kept or made to run
// what is not ours (WEB-01).
func Harden(h http.Header, nonce string) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self' 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+
		"'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
