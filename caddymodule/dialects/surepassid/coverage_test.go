package surepassid_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/doorward/doorward/caddymodule/dialects/surepassid"
)

// The page names the return codes of each type: every one of them, and a success, is in
// a transcript, under every name that the type has.
func TestEveryCodeHasATranscript(t *testing.T) {
	page, err := os.ReadFile("../../../docs/dialects/surepassid.md")
	if err != nil {
		t.Fatal(err)
	}
	answered := map[string]bool{} // "type code"
	outcome := regexp.MustCompile(`^\{"errorCode":(-?\d+),"errorMessage":.*?,"type":"(\w+)"`)
	for _, s := range readStories(t) {
		for _, one := range s.steps {
			if m := outcome.FindStringSubmatch(strings.Join(one.answer, "\n")); m != nil {
				answered[m[2]+" "+m[1]] = true
			}
		}
	}
	_, table, _ := strings.Cut(string(page), "\n## Types\n")
	table, _, _ = strings.Cut(table, "\nEvery type may")
	documented := map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		types := regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(cells[0], -1)
		if len(types) == 0 {
			continue
		}
		for _, name := range types {
			documented[name[1]] = true
			if !answered[name[1]+" 0"] {
				t.Errorf("no transcript has a success of %s", name[1])
			}
		}
		for _, code := range regexp.MustCompile(`-1|9\d{3}`).FindAllString(cells[len(cells)-1], -1) {
			seen := false
			for _, name := range types {
				seen = seen || answered[name[1]+" "+code]
			}
			if !seen {
				t.Errorf("no transcript has %s of %s", code, types[0][1])
			}
		}
	}
	for _, name := range new(surepassid.SurePassID).Operations() {
		if !documented[name] {
			t.Errorf("the page does not name %s", name)
		}
	}
}
