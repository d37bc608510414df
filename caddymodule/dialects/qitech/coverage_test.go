package qitech_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// served are the routes, by the operation that their columns in the page have.
var served = map[string]*regexp.Regexp{
	"create":    regexp.MustCompile(`^POST /account/[^/]+/device$`),
	"validate":  regexp.MustCompile(`^PUT /account/[^/]+/device/[^/]+/validate$`),
	"resend":    regexp.MustCompile(`^PATCH /account/[^/]+/device/[^/]+/resend_token$`),
	"show":      regexp.MustCompile(`^GET /account/[^/]+/device/[^/]+$`),
	"disable":   regexp.MustCompile(`^DELETE /account/[^/]+/device/[^/]+/disable$`),
	"list":      regexp.MustCompile(`^GET /account/[^/]+/device$`),
	"challenge": regexp.MustCompile(`^POST /account/[^/]+/device_challenge$`),
	"session":   regexp.MustCompile(`^POST /account/[^/]+/device_session$`),
}

// The page has a table of the codes of each route: every one of them, and a success, is in a
// transcript.
func TestEveryCodeHasATranscript(t *testing.T) {
	page, err := os.ReadFile("../../../docs/dialects/qitech.md")
	if err != nil {
		t.Fatal(err)
	}
	answered := map[string]bool{} // "operation code"
	for _, s := range readStories(t) {
		for _, one := range s.steps {
			for operation, request := range served {
				if code, _, _ := strings.Cut(one.answer, " "); request.MatchString(one.request) {
					answered[operation+" "+code] = true
				}
			}
		}
	}
	_, table, _ := strings.Cut(string(page), "\n| HTTP | code |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	columns := cells(rows[0])
	if want := slices.Sorted(maps.Keys(served)); len(columns) != len(want)+1 {
		t.Fatalf("%q, want columns for %q", columns, want)
	}
	for _, row := range rows[2:] {
		of := cells(row)
		code := strings.Trim(of[1], "`* ")
		for i, column := range columns[1:] {
			if marked := of[i+3] != ""; marked && !answered[column+" "+code] {
				t.Errorf("no transcript has %s of %s", code, column)
			} else if !marked && answered[column+" "+code] {
				t.Errorf("the page does not say that %s answers %s", column, code)
			}
		}
	}
	for code := range readErrors(t) {
		if !strings.Contains(string(page), "`"+code+"`") {
			t.Errorf("the page does not name %s", code)
		}
	}
	for operation, status := range map[string]string{"create": "202", "validate": "201", "resend": "202", "show": "200", "disable": "200", "list": "200", "challenge": "201", "session": "201"} {
		if !answered[operation+" "+status] {
			t.Errorf("no transcript has a success of %s", operation)
		}
	}
}

// cells are those of a row of a table.
func cells(row string) []string {
	all := strings.Split(strings.Trim(strings.TrimSpace(row), "|"), "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}
