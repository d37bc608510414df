package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// The texts of each language lie in files of its own, a file for each group of
// pages: catalogues/LANGUAGE/GROUP.json.
//
//go:embed catalogues/*/*.json
var catalogueFiles embed.FS

type texts map[string]string

var catalogues = mustLoad()

func mustLoad() map[string]texts {
	all := map[string]texts{}
	names, err := fs.Glob(catalogueFiles, "catalogues/*/*.json")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		lang := strings.Split(name, "/")[1]
		if all[lang] == nil {
			all[lang] = texts{}
		}
		if err := all[lang].read(name); err != nil {
			panic(err)
		}
	}
	return all
}

func (t texts) read(name string) error {
	text, err := catalogueFiles.ReadFile(name)
	if err != nil {
		return err
	}
	var of map[string]string
	if err := json.Unmarshal(text, &of); err != nil {
		return fmt.Errorf("%s: %v", name, err)
	}
	for key, value := range of {
		if _, taken := t[key]; taken {
			return fmt.Errorf("%s: %q stands twice", name, key)
		}
		t[key] = value
	}
	return nil
}

// text gives a string with its arguments; a missing one is an error.
func (t texts) text(key string, args ...any) (string, error) {
	text, ok := t[key]
	if !ok {
		return "", fmt.Errorf("there is no text %q", key)
	}
	if len(args) == 0 {
		return text, nil
	}
	return fmt.Sprintf(text, args...), nil
}
