package authcore_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Tables of dialects are held against the list: each reason that is declared is in it.
func TestReasonsAreComplete(t *testing.T) {
	source, err := os.ReadFile("reason.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^\tReason\w+ +Reason = "(\w+)"`).FindAllSubmatch(source, -1)
	listed := authcore.Reasons()
	if len(declared) != len(listed) || len(listed) == 0 {
		t.Errorf("%d are declared and %d listed", len(declared), len(listed))
	}
	for _, d := range declared {
		if !slices.Contains(listed, authcore.Reason(d[1])) {
			t.Errorf("%s is not listed", d[1])
		}
	}
}
