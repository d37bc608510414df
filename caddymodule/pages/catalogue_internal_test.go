package pages

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
)

var verb = regexp.MustCompile(`%[^%a-zA-Z]*[a-zA-Z%]`)

// Every language says everything, with the same values in the same order.
func TestLanguagesHaveTheSameTexts(t *testing.T) {
	if len(catalogues) != 4 {
		t.Fatalf("%d languages", len(catalogues))
	}
	for lang, texts := range catalogues {
		for key, text := range texts {
			if strings.TrimSpace(text) == "" || strings.TrimSpace(text) != text {
				t.Errorf("%s: %q is %q", lang, key, text)
			}
			english, known := catalogues["en"][key]
			if !known {
				t.Errorf("%s has %q, English has not", lang, key)
			}
			if got, want := verb.FindAllString(text, -1), verb.FindAllString(english, -1); !slices.Equal(got, want) {
				t.Errorf("%s: %q has %q, English %q", lang, key, got, want)
			}
		}
		for key := range catalogues["en"] {
			if _, known := texts[key]; !known {
				t.Errorf("%s has no %q", lang, key)
			}
		}
	}
}

// goFiles are the sources of the doors by their paths, without tests.
func goFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(path)] = string(text)
		return err
	})
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// Each text that a template or a view names is there.
func TestTextsThatAreNamedAreThere(t *testing.T) {
	named := 0
	for name, source := range ours(t) {
		trees, err := parse.Parse(name, source, "", "", map[string]any{
			"t": 0, "field": 0, "eq": 0, "ne": 0, "and": 0, "or": 0, "not": 0, "print": 0, "printf": 0, "len": 0, "index": 0, "lt": 0, "gt": 0, "le": 0, "ge": 0, "slice": 0,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, tree := range trees {
			for _, key := range keysOf(tree.Root) {
				named++
				if _, known := catalogues["en"][key]; !known {
					t.Errorf("%s: there is no text %q", name, key)
				}
			}
		}
	}
	inView := regexp.MustCompile(`\b(?:Title|Error|Done): +"([^"]+)"[,}\n]`)
	for _, file := range goFiles(t) {
		if !strings.Contains(file, "View{") {
			continue
		}
		for _, m := range inView.FindAllStringSubmatch(file, -1) {
			named++
			if _, known := catalogues["en"][m[1]]; !known {
				t.Errorf("there is no text %q: %s", m[1], m[0])
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d texts were found: is the search broken?", named)
	}
}

// keysOf finds the literals that are keys: what stands after t, and the label and
// the hint of a field.
func keysOf(node parse.Node) (keys []string) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				keys = append(keys, keysOf(child)...)
			}
		}
	case *parse.ActionNode:
		return keysOf(n.Pipe)
	case *parse.TemplateNode:
		return keysOf(n.Pipe)
	case *parse.IfNode:
		return slices.Concat(keysOf(n.Pipe), keysOf(n.List), keysOf(n.ElseList))
	case *parse.WithNode:
		return slices.Concat(keysOf(n.Pipe), keysOf(n.List), keysOf(n.ElseList))
	case *parse.RangeNode:
		return slices.Concat(keysOf(n.Pipe), keysOf(n.List), keysOf(n.ElseList))
	case *parse.PipeNode:
		if n != nil {
			for _, command := range n.Cmds {
				keys = append(keys, keysOfCommand(command)...)
			}
		}
	}
	return keys
}

func keysOfCommand(c *parse.CommandNode) (keys []string) {
	places := map[string][]int{"t": {1}, "field": {4, 5}}
	called, _ := c.Args[0].(*parse.IdentifierNode)
	for i, arg := range c.Args {
		keys = append(keys, keysOf(arg)...)
		if literal, ok := arg.(*parse.StringNode); ok && called != nil && slices.Contains(places[called.Ident], i) && literal.Text != "" {
			keys = append(keys, literal.Text)
		}
	}
	return keys
}

// A text that nobody shows is one that translators keep in vain. A key may be put
// together: "internal" and ".title", "device.kind." and a kind, or "enrol.", a
// kind and ".small".
func TestEveryTextIsShown(t *testing.T) {
	files := goFiles(t)
	maps.Copy(files, ours(t))
	all := strings.Join(slices.Collect(maps.Values(files)), "\n")
	quoted := func(part string) bool { return strings.Contains(all, `"`+part+`"`) }
	for key := range catalogues["en"] {
		first, last := strings.IndexByte(key, '.'), strings.LastIndexByte(key, '.')
		if !quoted(key) && (first < 0 || !quoted(key[:last+1]) && !(quoted(key[:last]) && quoted(key[last:])) &&
			!(first < last && quoted(key[:first+1]) && quoted(key[last:]))) {
			t.Errorf("nobody shows %q", key)
		}
	}
}

// A text that stands twice, or a file that can't be read, is told at once.
func TestCatalogueIsReadStrictly(t *testing.T) {
	if err := (texts{"nav": "x"}).read("catalogues/en/common.json"); err == nil || !strings.Contains(err.Error(), `"nav" stands twice`) {
		t.Errorf("got %v", err)
	}
	if text, err := catalogues["en"].text("none"); err == nil || text != "" {
		t.Errorf("a text that is not there: %q, %v", text, err)
	}
}
