package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/security.md says which test denies what. A test that it names, and a
// place, must exist.
func TestEveryNamedTestExists(t *testing.T) {
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testsOfTheTree(t, root)
	row := regexp.MustCompile(`(?m)^\| ([A-Z]+-\d\d[^|]*) \|[^|]+\| ([^|]+) \| ([^|]+) \|$`)
	rows := row.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 80 {
		t.Fatalf("only %d rows were read", len(rows))
	}
	for _, r := range rows {
		for name := range strings.SplitSeq(r[3], ", ") {
			if !tests[name] {
				t.Errorf("%s: there is no test %s", r[1], name)
			}
		}
		for place := range strings.SplitSeq(r[2], ", ") {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(place))); err != nil {
				t.Errorf("%s: there is no %s", r[1], place)
			}
		}
	}
}

func testsOfTheTree(t *testing.T, root string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	define := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range define.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
