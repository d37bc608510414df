package integration

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/caddytestkit"
)

var update = flag.Bool("update", false, "write what comes out into the goldens; read it before you commit it")

const dashes = "\n----------\n"

// TestAdapt holds what Caddyfiles turn into: each file of testdata/adapt has a
// Caddyfile, a line of dashes, and the JSON or the error.
func TestAdapt(t *testing.T) {
	files, err := filepath.Glob("testdata/adapt/*.caddyfiletest")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d goldens, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfiletest"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			caddyfile, want, found := strings.Cut(string(text), dashes)
			if !found {
				t.Fatal("the line of dashes is missing")
			}
			got := adapted(t, caddyfile)
			if *update {
				if err := os.WriteFile(file, []byte(caddyfile+dashes+got), 0o600); err != nil {
					t.Fatal(err)
				}
				want = got
			}
			if got != want {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}

// adapted is the JSON of a Caddyfile, laid out for people, or the error.
func adapted(t *testing.T, caddyfile string) string {
	t.Helper()
	config, err := caddytestkit.Adapt(caddyfile)
	if err != nil {
		return err.Error() + "\n"
	}
	var b bytes.Buffer
	if err := json.Indent(&b, config, "", "\t"); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}
