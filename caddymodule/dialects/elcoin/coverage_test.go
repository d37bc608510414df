package elcoin_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Errors that no transcript can have: it sends whole bodies, each called JSON, in time.
var errorsAtTheDoor = map[string]string{
	"ERROR-LOGIN-AGAIN": "TestOwnerMustLogInAgain",
	"ERROR-TIMEOUT":     "TestSlowBodyOfTheModel",
	"ERROR-TOO-LARGE":   "TestModelTransport",
	"ERROR-MEDIA-TYPE":  "TestModelTransport",
}

// The page names the errors of the model and of the logins: each is in a transcript, or in a
// test at the door that is named above; and a transcript has none that the page has not.
func TestEveryErrorHasATranscript(t *testing.T) {
	text, err := os.ReadFile("../../../docs/dialects/elcoin.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	_, logins, _ := strings.Cut(page, "\n| `error` | HTTP | when |\n")
	_, model, _ := strings.Cut(page, "\n| HTTP | code | when |\n")
	for folder, c := range map[string]struct {
		table  string
		column int
		verbs  []string
		answer string // has the error in its first group
	}{
		"stories": {model, 2, modelVerbs, `^\d+ (?:\{.*"error_description":")?\[([A-Z-]+)`},
		"oauth":   {logins, 1, loginVerbs, `^\d+ \{.*"error":"(\w+)"`},
	} {
		answered, documented := map[string]bool{}, map[string]bool{}
		for _, s := range readStories(t, folder, c.verbs...) {
			for _, one := range s.steps {
				if m := regexp.MustCompile(c.answer).FindStringSubmatch(one.answer); m != nil {
					answered[m[1]] = true
				}
			}
		}
		table, _, _ := strings.Cut(c.table, "\n\n")
		for line := range strings.Lines(table) {
			for _, m := range regexp.MustCompile("`([\\w-]+)`").FindAllStringSubmatch(strings.Split(line, "|")[c.column], -1) {
				documented[m[1]] = true
				if !answered[m[1]] && !inTest(t, errorsAtTheDoor[m[1]], m[1]) {
					t.Errorf("no transcript of testdata/%s has %s", folder, m[1])
				}
			}
		}
		if len(documented) < 10 {
			t.Errorf("the page has %d errors for testdata/%s", len(documented), folder)
		}
		for name := range answered {
			if !documented[name] {
				t.Errorf("the page does not name %s", name)
			}
		}
	}
}

// inTest says whether a test of this folder has the words.
func inTest(t *testing.T, test, words string) bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, found := strings.Cut(string(text), "\nfunc "+test+"(t *testing.T) {")
		body, _, _ = strings.Cut(body, "\n}\n")
		if found && strings.Contains(body, words) {
			return true
		}
	}
	return false
}
