package app

import "github.com/doorward/doorward/caddymodule/pages"

// loadPages tries the templates and what else an operator can change of them.
func (a *App) loadPages() (err error) {
	settings := pages.Settings{}
	if a.Portal != nil {
		settings = *a.Portal
	}
	a.pages, err = pages.New(settings)
	return err
}

// Pages are what draws the pages of all sites.
func (a *App) Pages() *pages.Pages { return a.pages }
