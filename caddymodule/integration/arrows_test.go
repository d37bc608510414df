package integration_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// These tests hold the shape of the house: who may import whom (the arrows of
// ARCHITECTURE.md), and a few habits that a reviewer should not have to check.

const (
	module = "github.com/doorward/doorward"
	root   = "../.."
	caddy  = "github.com/caddyserver/caddy/v2"
)

// A room is a folder and the packages of ours that it may import, both without
// the path of the module. A name that ends in "/…" covers what is below too.
// The first row that matches a package counts.
type room struct {
	name string
	may  []string
	why  string // what would be lost
}

var rooms = []room{
	{"cmd/caddy", []string{"caddymodule"}, "imports.go names every room, here and for xcaddy"},
	{"cmd/bench", []string{"authcore/…", "storage/…"}, "it fills stores and times logins, and meets the gateway as a process"},
	{"cmd/…", nil, "a tool builds and checks the house and is no part of it"},
	{"docs/examples/…", nil, "an example is what a third party writes, who has nothing of ours"},
	{"authcore/authtest", []string{"authcore/…"}, "test helpers of the core know the core alone"},
	{"authcore/…", []string{"authcore/…"}, "the core decides without knowing who asks or where it is kept"},
	{"storage/storagetest", []string{"storage/…", "authcore/…"}, "the suite runs against the contract"},
	{"storage/…", []string{"storage/…", "authcore/…"}, "storage keeps what the core says and knows no Caddy"},
	{"caddymodule/caddytestkit", []string{"authcore/…", "caddymodule/app", "caddymodule/dialect"}, "third parties test their guests with it"},
	{"caddymodule/integration", []string{"…"}, ""},
	{"caddymodule/faults", []string{"…"}, ""},
	{"caddymodule/dialect", []string{"authcore/…"}, "the port of the dialects knows no dialect"},
	{"caddymodule/dialects/…", []string{"authcore/…", "caddymodule/dialect"}, guest},
	{"caddymodule/reach", nil, "which addresses may be dialled is judged in one place, which knows no guest"},
	{"caddymodule/channels/stomp/rabbitmqtest", []string{"storage/postgres/postgrestest"}, "test helpers know no guest"},
	{"caddymodule/channels/…", []string{"authcore/…", "caddymodule/reach"}, guest},
	{"caddymodule/identities/…", []string{"authcore/…"}, guest},
	{"caddymodule/verifiers/…", []string{"authcore/…"}, guest},
	{"caddymodule/stores/…", []string{"authcore/…", "storage/…"}, guest},
	{"caddymodule/pages", []string{"authcore/messages"}, "what is drawn decides nothing"},
	{"caddymodule/browser", []string{"…"}, ""},
	{"caddymodule/app", []string{"authcore/…", "caddymodule/dialect", "caddymodule/pages"}, "guests are found by their module ID, never by import"},
	{"caddymodule/credentials", []string{"authcore/…", "caddymodule/app"}, "what a request shows is read in one place, which knows no door"},
	{"caddymodule/directive", append(doors, "caddymodule/gate", "caddymodule/api", "caddymodule/portal"), "the directive expands to the three handlers"},
	{"caddymodule/command", append(doors, "caddymodule/admin"), "a command talks to the admin endpoint through its client"},
	{"caddymodule/gate", append(doors, "caddymodule/credentials", "caddymodule/pages"), door},
	{"caddymodule/api", append(doors, "caddymodule/credentials"), door},
	{"caddymodule/portal", append(doors, "caddymodule/credentials", "caddymodule/pages"), door},
	{"caddymodule/admin", doors, door},
	{"caddymodule", []string{"caddymodule/…"}, "imports.go imports every room"},
}

const (
	guest = "a guest is copied to make another: it imports its port and the core, no other guest and not the app"
	door  = "a door knows the app, the core and the dialects' port, and no other door"
)

var doors = []string{"authcore/…", "caddymodule/app", "caddymodule/dialect"}

// The core's whole supply: the standard library without the packages below, and
// these modules.
var (
	coreNever   = []string{"net/http", "database/sql"}
	coreModules = []string{
		module + "/authcore/…", "golang.org/x/crypto/…", "golang.org/x/text/…",
		"github.com/alexedwards/argon2id", "github.com/google/uuid",
		"github.com/pquerna/otp/…", "github.com/golang-jwt/jwt/v5",
	}
)

// testPackages are never linked into a binary. cmd/bench is none that anybody
// installs: it counts statements with what the tests count them with.
var testPackages = []string{
	module + "/authcore/authtest", module + "/storage/storagetest", module + "/storage/postgres/postgrestest",
	module + "/caddymodule/channels/stomp/rabbitmqtest", module + "/caddymodule/caddytestkit", module + "/caddymodule/integration",
	"testing/…", "net/http/httptest",
}

func TestArrows(t *testing.T) {
	packages := listPackages(t)
	for path, p := range packages {
		name, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			continue
		}
		i := slices.IndexFunc(rooms, func(r room) bool { return matches(r.name, name) })
		if i < 0 {
			t.Errorf("%s is no room of the house: give it a row here and in ARCHITECTURE.md", name)
			continue
		}
		// A guest may be cut into packages of its own: doorward.dialects.x in
		// dialects/x may import dialects/x/wire.
		own := ""
		if parts := strings.Split(name, "/"); rooms[i].why == guest && len(parts) >= 3 {
			own = strings.Join(parts[:3], "/") + "/…"
		}
		for _, imported := range p.Imports {
			if of, ours := strings.CutPrefix(imported, module+"/"); ours && !matches(own, of) && !matchesAny(rooms[i].may, of) {
				t.Errorf("%s imports %s: %s", name, of, rooms[i].why)
			}
			if strings.HasPrefix(imported, "github.com/jmoiron/sqlx") && !matches("storage/…", name) {
				t.Errorf("%s imports sqlx: only storage/ does, so that it can be replaced in one place", name)
			}
			if matchesAny(testPackages, imported) && !matchesAny(testPackages, path) && name != "cmd/bench" {
				t.Errorf("%s imports %s: production code imports no test package", name, imported)
			}
		}
		if matches("storage/…", name) || matches("authcore/…", name) {
			if slices.ContainsFunc(p.Deps, func(d string) bool { return matches(caddy+"/…", d) }) {
				t.Errorf("%s depends on Caddy: only caddymodule/ does", name)
			}
		}
	}
}

func TestCoreImportsLittle(t *testing.T) {
	packages := listPackages(t)
	for path, p := range packages {
		if !matches(module+"/authcore/…", path) || matchesAny(testPackages, path) {
			continue
		}
		for _, imported := range p.Imports {
			switch {
			case matchesAny([]string{"net/http/…", "database/sql/…"}, imported):
				t.Errorf("%s imports %s: the core knows no HTTP and no SQL", path, imported)
			case !matchesAny(coreModules, imported) && (packages[imported] == nil || !packages[imported].Standard):
				t.Errorf("%s imports %s, which is not on the short list of the core", path, imported)
			}
		}
		for _, d := range p.Deps {
			if slices.Contains(coreNever, d) {
				t.Errorf("%s depends on %s through another package: the core knows no HTTP and no SQL", path, d)
			}
		}
	}
}

// Package comments are what a newcomer reads first, and go doc joins several of
// them in an order that nobody chose.
func TestOnePackageComment(t *testing.T) {
	comment := regexp.MustCompile(`(?m)^(//.*|.*\*/)\npackage \w`)
	for path, p := range listPackages(t) {
		if !matches(module+"/…", path) {
			continue
		}
		var commented []string
		for _, file := range p.GoFiles {
			text := read(t, filepath.Join(p.Dir, file))
			if m := comment.FindStringSubmatch(text); m != nil && !strings.HasPrefix(m[1], "//go:") {
				commented = append(commented, file)
			}
		}
		if len(p.GoFiles) > 0 && len(commented) != 1 {
			t.Errorf("%s: %d files with a package comment %v, want 1", path, len(commented), commented)
		}
	}
}

func TestFiles(t *testing.T) {
	// Written so that this file does not contain the words.
	later := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)
	kinds := []string{".go", ".sql", ".html", ".css", ".js", ".sh", ".yml", ".json"}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", ".doorward", "bin", "testdata"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(kinds, filepath.Ext(path)) {
			return nil
		}
		text := read(t, path)
		if n := strings.Count(text, "\n"); n > 500 && filepath.Ext(path) == ".go" {
			t.Errorf("%s has %d lines: 500 is too many, 120 is usual", path, n)
		}
		for i, line := range strings.Split(text, "\n") {
			if word := later.FindString(line); word != "" {
				t.Errorf("%s:%d: %s: do it, or write an issue", path, i+1, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A replace directive works in this checkout only: whoever builds with xcaddy
// or imports the module gets the other version.
func TestNoReplacedModule(t *testing.T) {
	var mod struct{ Replace []any }
	if err := json.Unmarshal(goCommand(t, "mod", "edit", "-json"), &mod); err != nil {
		t.Fatal(err)
	}
	if len(mod.Replace) > 0 {
		t.Errorf("go.mod replaces %v", mod.Replace)
	}
}

type goPackage struct {
	ImportPath, Dir        string
	Standard               bool
	GoFiles, Imports, Deps []string
	Error                  *struct{ Err string }
}

var listed map[string]*goPackage

// listPackages lists ours and all that they depend on, once.
func listPackages(t *testing.T) map[string]*goPackage {
	t.Helper()
	if listed != nil {
		return listed
	}
	// With -e, a package that does not load is told by name.
	out := goCommand(t, "list", "-e", "-deps", "-tags=nobadger,nomysql,nopgx",
		"-json=ImportPath,Dir,Standard,GoFiles,Imports,Deps,Error", "./...")
	packages := map[string]*goPackage{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := new(goPackage)
		if err := decoder.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Error != nil && matches(module+"/…", p.ImportPath) && len(p.GoFiles) > 0 {
			t.Errorf("%s: %s", p.ImportPath, p.Error.Err)
		}
		packages[p.ImportPath] = p
	}
	if packages[module+"/authcore"] == nil {
		t.Fatal("go list did not list the core")
	}
	listed = packages
	return packages
}

func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func matches(pattern, name string) bool {
	if below, ok := strings.CutSuffix(pattern, "…"); ok {
		return name == strings.TrimSuffix(below, "/") || strings.HasPrefix(name, below)
	}
	return name == pattern
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}
