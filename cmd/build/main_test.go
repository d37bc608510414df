package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestReadRefusesWhatItDoesNotKnow(t *testing.T) {
	for text, want := range map[string]string{
		`{"plugin": []}`:                      `unknown field "plugin"`,
		`{"plugins": [{"path": "x"}]}`:        `unknown field "path"`,
		`{"caddy_version": "v2.11.9"} {}`:     "more than one JSON value",
		`{"caddy_version": "v2.11.9", "x": }`: "invalid character",
	} {
		file := filepath.Join(t.TempDir(), "xcaddy.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := read(file)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want %s and the file", text, err, want)
		}
	}
}

// Our own file builds this checkout, wherever it is called from, on the Caddy
// that the tests ran with.
func TestOurFile(t *testing.T) {
	builder, err := read("../../xcaddy.json")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(builder.Replacements) != 1 || string(builder.Replacements[0].New) != root {
		t.Errorf("replacements %v, want one by %s", builder.Replacements, root)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`caddyserver/caddy/v2 (\S+)`).FindSubmatch(mod)
	if required == nil || string(required[1]) != builder.CaddyVersion {
		t.Errorf("caddy_version %s, but go.mod has %s", builder.CaddyVersion, required)
	}
}
