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

// parseAll gives the templates of all pages in one language. What one file defines
// all can use, so no two may define the same.
func parseAll(sources map[string]string, texts texts) (*template.Template, error) {
	set := template.New("").Funcs(texts.funcs())
	definedIn := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		alone, err := template.New(name).Funcs(texts.funcs()).Parse(sources[name])
		if err != nil {
			return nil, err
		}
		for _, t := range alone.Templates() {
			if other, taken := definedIn[t.Name()]; taken {
				return nil, fmt.Errorf("%s: %q is defined in %s too", name, t.Name(), other)
			}
			definedIn[t.Name()] = name
			if _, err := set.AddParseTree(t.Name(), t.Tree); err != nil {
				return nil, err
			}
		}
	}
	return set, nil
}
