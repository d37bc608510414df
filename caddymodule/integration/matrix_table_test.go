package integration

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The tables of docs/dialects/README.md, word by word: TestMatrix does what they say.

// doorsOf are who answers to a device, in the order of the columns.
var doorsOf = []string{"onlyoffice", "surepassid", "qitech", "elcoin", "sign-in page"}

// kindsOfDevice says what each does with a kind: m shows and manages it, c takes its code, y
// its yes, s binds a session to it. Where there is no m, it reads as one that there is not.
var kindsOfDevice = [][]string{
	{"kind", "onlyoffice", "surepassid", "qitech", "elcoin", "sign-in page"},
	{"totp", "c", "m c", "", "m c", "c"},
	{"hotp", "c", "m c", "", "c", "c"},
	{"phone", "c", "", "", "m c", "c"},
	{"email", "c", "", "", "m c", "c"},
	{"http", "c", "y", "", "m c y", "c y"},
	{"stomp", "c", "y", "", "m c y", "c y"},
	{"mobile_application", "c", "y", "", "m c y", "c y"},
	{"backup", "m c", "", "", "c", "c"},
	{"client", "", "", "m s", "", ""},
}

// statesOfDevice are the words for a state. The second of qitech is the answer to the call
// that leads there.
var statesOfDevice = [][]string{
	{"here", "surepassid", "qitech", "elcoin", "opens"},
	{"pending", "deviceStatus 1", "not_registered, pending_2fa_approval", "blocked", "nothing"},
	{"active", "deviceStatus 0", "registered, created", "active", "the door"},
	{"blocked", "deviceStatus 1", "deactivated", "blocked", "nothing, until it is unblocked"},
	{"deactivated", "deviceStatus 1", "deactivated, disabled", "deactivated", "nothing, for good"},
	{"rejected", "", "not_registered", "", "nothing, for good"},
}

func TestDialectsPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "dialects", "README.md"))
	mustDo(t, err)
	for heading, want := range map[string][][]string{"Kinds of device": kindsOfDevice, "States": statesOfDevice} {
		if got := tableOf(string(text), heading); !reflect.DeepEqual(got, want) {
			t.Errorf("the table %q of the page is\n%q\nand that of the test\n%q", heading, got, want)
		}
	}
}

// tableOf is the first table below a heading, without marks of Markdown.
func tableOf(page, heading string) (rows [][]string) {
	_, below, _ := strings.Cut(page, "\n## "+heading+"\n")
	below, _, _ = strings.Cut(below, "\n## ")
	for line := range strings.Lines(below) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "|--"):
		case strings.HasPrefix(line, "|"):
			cells := strings.Split(strings.Trim(strings.ReplaceAll(line, "`", ""), "|"), "|")
			for i, cell := range cells {
				cells[i] = strings.TrimSpace(cell)
			}
			rows = append(rows, cells)
		case len(rows) > 0:
			return rows
		}
	}
	return rows
}

// cellOf is what the table says in the row and the column.
func cellOf(table [][]string, row, column string) string {
	for at, name := range table[0] {
		if name != column {
			continue
		}
		for _, cells := range table[1:] {
			if cells[0] == row {
				return cells[at]
			}
		}
	}
	return ""
}

// does says whether a door does this (m, c, y, s) with a kind.
func does(kind, door, mark string) bool {
	return strings.Contains(cellOf(kindsOfDevice, kind, door), mark)
}

// wordOf is what a door that manages a kind says of a device in the state: the first word of
// the cell. answerOf is the second.
func wordOf(door, state string) string {
	word, _, _ := strings.Cut(cellOf(statesOfDevice, state, door), ",")
	return word
}

func answerOf(door, state string) string {
	_, word, _ := strings.Cut(cellOf(statesOfDevice, state, door), ", ")
	return word
}
