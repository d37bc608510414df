package app

import (
	"fmt"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/doorward/doorward/caddymodule/pages"
)

// parsePortal reads a block:
//
//	portal {
//		prefix <path>
//		name <name>
//		logo <file>
//		accent <colour>
//		templates <folder>
//	}
func (a *App) parsePortal(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': 'portal' takes a block", d.Val())
	}
	a.Portal = new(pages.Settings)
	words := map[string]*string{
		"prefix": &a.Portal.Prefix, "name": &a.Portal.Name, "logo": &a.Portal.Logo, "accent": &a.Portal.Accent, "templates": &a.Portal.Templates,
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		value, known := words[word]
		if !known {
			return d.Errf("unrecognized option '%s' of 'portal': prefix, name, logo, accent, templates", word)
		}
		if *value != "" {
			return d.Errf("'%s' is already specified", word)
		}
		text, err := oneArgument(d)
		if err != nil {
			return err
		}
		*value = text
		if err := a.checkPortal(); err != nil {
			return d.WrapErr(err)
		}
	}
	if *a.Portal == (pages.Settings{}) {
		return d.Err("'portal' takes a block with prefix, name, logo, accent or templates")
	}
	return nil
}

// checkPortal judges the words that have no placeholders.
func (a *App) checkPortal() error {
	if a.Portal == nil {
		return nil
	}
	known := *a.Portal
	for _, word := range []*string{&known.Prefix, &known.Name, &known.Accent} {
		if strings.Contains(*word, "{") {
			*word = ""
		}
	}
	return quotePortal(known.Check())
}

func quotePortal(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("portal: %v", err)
}

// loadPages tries the templates and what else an operator can change of them.
func (a *App) loadPages() (err error) {
	settings := pages.Settings{}
	if a.Portal != nil {
		settings = *a.Portal
	}
	for _, word := range []struct {
		name string
		text *string
	}{
		{"prefix", &settings.Prefix},
		{"name", &settings.Name},
		{"logo", &settings.Logo},
		{"accent", &settings.Accent},
		{"templates", &settings.Templates},
	} {
		given := *word.text
		if *word.text, err = caddy.NewReplacer().ReplaceOrErr(given, true, true); err != nil {
			return fmt.Errorf("portal: %s '%s': %v", word.name, given, err)
		}
	}
	a.pages, err = pages.New(settings)
	return quotePortal(err)
}

// Pages are what draws the pages of all sites.
func (a *App) Pages() *pages.Pages { return a.pages }
