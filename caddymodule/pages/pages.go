// Package pages draws what a person sees: templates, texts in four languages,
// one style sheet. It knows no door and decides nothing.
package pages

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"sync"

	"github.com/doorward/doorward/authcore/messages"
)

// Pages are the pages of one configuration.
type Pages struct {
	Settings
	// Style and Logo are served by the portal, at style.css and logo below the
	// prefix. Logo is nil when there is none.
	Style, Logo *Asset

	sets map[string]*template.Template // by language
}

// View is what every template is given.
type View struct {
	Page string // the name of the template, without .html
	// Title and Error are keys of the catalogue: what the page is, and what is
	// wrong with what was sent; Field is the form field that Error is about.
	Title, Error, Field string
	Done                string // a key: what was just done
	User                string // who is signed in; empty: nobody
	To                  string // where to go afterwards: a path of this site
	Flow                string // what ties a form to the sign-in that is under way
	Data                any    // of this page

	// Set by Write. Style and Logo are addresses; without a logo, empty.
	Lang, Prefix, Name, Nonce string
	Style, Logo               string
}

// New reads the templates, the texts and the logo, and draws each page once: a
// template that fails is an error here and not before a person.
func New(s Settings) (p *Pages, err error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	p = &Pages{Settings: s.withDefaults()}
	if p.Style, err = style(p.Accent); err != nil {
		return nil, err
	}
	if p.Settings.Logo != "" {
		if p.Logo, err = readLogo(p.Settings.Logo); err != nil {
			return nil, err
		}
	}
	if p.Templates == "" {
		p.sets, err = builtIn()
	} else {
		err = p.parse()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// builtIn are the templates of who has none of his own, read and tried once for all
// configurations.
var builtIn = sync.OnceValues(func() (map[string]*template.Template, error) {
	p := &Pages{Settings: Settings{}.withDefaults(), Style: new(Asset)}
	err := p.parse()
	return p.sets, err
})

// parse reads the templates, and draws each page once in every language.
func (p *Pages) parse() error {
	sources, err := readTemplates(p.Templates)
	if err != nil {
		return err
	}
	p.sets = map[string]*template.Template{}
	for lang, texts := range catalogues {
		if p.sets[lang], err = parseAll(sources, texts); err != nil {
			return p.blame(err)
		}
		for _, sample := range samples {
			sample.Lang = lang
			if _, err := p.draw(sample); err != nil {
				return p.blame(err)
			}
		}
	}
	return nil
}

// blame names the folder that the templates may be from; what is wrong in which
// file and line stands in err.
func (p *Pages) blame(err error) error {
	if p.Templates == "" {
		return fmt.Errorf("templates: %v", err)
	}
	return fmt.Errorf("templates '%s': %v", p.Templates, err)
}

// draw gives the text of a page in v.Lang.
func (p *Pages) draw(v View) ([]byte, error) {
	v.Prefix, v.Name = p.Prefix, p.Name
	v.Style = p.Style.address(p.Prefix + "style.css")
	if p.Logo != nil {
		v.Logo = p.Logo.address(p.Prefix + "logo")
	}
	var b bytes.Buffer
	if err := p.sets[v.Lang].ExecuteTemplate(&b, v.Page+".html", v); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(b.Bytes())) == 0 {
		return nil, fmt.Errorf("template: %s.html: it draws nothing", v.Page)
	}
	return b.Bytes(), nil
}

// Write answers with a page, in the language that the browser asks for. After an
// error nothing is written.
func (p *Pages) Write(w http.ResponseWriter, r *http.Request, status int, v View) error {
	v.Lang, v.Nonce = messages.Language(r.Header.Get("Accept-Language")), rand.Text()
	page, err := p.draw(v)
	if err != nil {
		return err
	}
	h := w.Header()
	Harden(h, v.Nonce)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang)
	h.Add("Vary", "Accept-Language")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	_, _ = w.Write(page) // whoever went away is not told
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
