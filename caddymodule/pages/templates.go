package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template/parse"
)

//go:embed templates/*.html
var templateFiles embed.FS

// readTemplates gives the texts of all templates by the names of their files:
// ours, and in place of some those of the folder.
func readTemplates(folder string) (map[string]string, error) {
	ours, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, err
	}
	sources := map[string]string{}
	if err := readFolder(sources, ours, nil); err != nil || folder == "" {
		return sources, err
	}
	if err := readFolder(sources, os.DirFS(folder), slices.Sorted(maps.Keys(sources))); err != nil {
		return nil, fmt.Errorf("templates '%s': %v", filepath.Clean(folder), err)
	}
	return sources, nil
}

// readFolder reads *.html, all of which must be known unless known is nil.
func readFolder(sources map[string]string, folder fs.FS, known []string) error {
	if _, err := fs.ReadDir(folder, "."); err != nil { // Glob finds nothing where nothing is
		return err
	}
	names, err := fs.Glob(folder, "*.html")
	if err != nil {
		return err
	}
	if known != nil && len(names) == 0 {
		return fmt.Errorf("no file ends in .html there: the templates are %s", strings.Join(known, ", "))
	}
	for _, name := range names {
		if known != nil && !slices.Contains(known, name) {
			return fmt.Errorf("there is no template '%s' to stand in for: the templates are %s", name, strings.Join(known, ", "))
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		sources[name] = string(text)
	}
	return nil
}

// parseAll gives a template for each page. A file that only defines others, as
// layout.html does, is a part that all pages share; what a page defines is its own.
func parseAll(sources map[string]string, texts texts) (map[string]*template.Template, error) {
	base := template.New("").Funcs(texts.funcs())
	pages := map[string]*template.Template{}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		alone, err := template.New(name).Funcs(texts.funcs()).Parse(sources[name])
		if err != nil {
			return nil, err
		}
		if alone.Tree != nil && !parse.IsEmptyTree(alone.Tree.Root) {
			pages[name] = nil
		} else if _, err := base.New(name).Parse(sources[name]); err != nil {
			return nil, err
		}
	}
	byPage := map[string]*template.Template{}
	for name := range pages {
		set, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if byPage[strings.TrimSuffix(name, ".html")], err = set.New(name).Parse(sources[name]); err != nil {
			return nil, err
		}
	}
	return byPage, nil
}
