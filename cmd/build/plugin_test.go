package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A third party's guest: it needs two imports of ours and a line in the file.
const guest = `package guest

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/doorward/doorward/caddymodule/dialect"
)

func init() { caddy.RegisterModule(Guest{}) }

type Guest struct{}

func (Guest) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "doorward.dialects.guest", New: func() caddy.Module { return Guest{} }}
}

func (Guest) Route(method, path string) (dialect.Route, bool) { return dialect.Route{}, false }

func (Guest) WriteError(w http.ResponseWriter, err error) { w.WriteHeader(http.StatusTeapot) }

var _ dialect.Dialect = Guest{}
`

// What stands in the file is in the binary: a plug-in that is added there shows
// up in list-modules.
func TestBuildWithAPlugin(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"guest/guest.go": guest,
		"guest/go.mod":   "module example.com/guest\n\ngo 1.26\n\nrequire github.com/doorward/doorward v0.0.0\n",
		"xcaddy.json": fmt.Sprintf(`{
			"caddy_version": "v2.11.9",
			"plugins": [
				{"module_path": "github.com/doorward/doorward/caddymodule", "version": "v0.0.0"},
				{"module_path": "example.com/guest", "version": "v0.0.0"}
			],
			"replacements": [
				{"old": "github.com/doorward/doorward", "new": %q},
				{"old": "example.com/guest", "new": "./guest"}
			]
		}`, root),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "bin", "caddy")
	if err := build(t.Context(), filepath.Join(dir, "xcaddy.json"), binary); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), binary, "list-modules").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range []string{"doorward.dialects.guest", "doorward.dialects.onlyoffice", "http.handlers.doorward_gate", "http.handlers.reverse_proxy"} {
		if !strings.Contains("\n"+string(out), "\n"+module+"\n") {
			t.Errorf("%s is not in the binary", module)
		}
	}
}
