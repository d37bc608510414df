package command

import (
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"alice":           "alice",
		"Алиса 'x' \"y\"": "Алиса 'x' \"y\"",
		`back\slash`:      `back\slash`,
		"a\x1b[31mb":      `"a\x1b[31mb"`,
		"two\nlines":      `"two\nlines"`,
		"tab\tbed":        `"tab\tbed"`,
		"\u009b2J":        `"\u009b2J"`,       // CSI in one character
		"a\u202eb":        `"a\u202eb"`,       // writes on from right to left
		"a\u00a0b":        `"a\u00a0b"`,       // a space that is none
		"not \xff UTF-8":  `"not \xff UTF-8"`, // and its replacement:
		"not \ufffd":      "\"not \ufffd\"",   //
		"😀":               "😀",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestNoValueDrivesTheTerminal(t *testing.T) {
	const odd = `\u001b[31m\n\u009b`
	s := newServer(t)
	for line, answer := range map[string]string{
		"user list":      `[{"name":"` + odd + `","groups":["` + odd + `"]}]`,
		"user show x":    `{"name":"` + odd + `","email":"` + odd + `","identities":[{"identity":"` + odd + `","subject":"` + odd + `"}]}`,
		"user disable x": `{"name":"` + odd + `"}`,
		"device list":    `[{"serial":"` + odd + `","name":"` + odd + `","user":"` + odd + `"}]`,
		"device show x":  `{"serial":"` + odd + `","name":"` + odd + `"}`,
		"user invite x":  `{"url":"` + odd + `"}`,
		"device block x": `{"serial":"` + odd + `","status":"` + odd + `"}`,
		"session list":   `[{"audience":"` + odd + `","client_id":"` + odd + `","address":"` + odd + `"}]`,
		"key rotate":     `{"id":"` + odd + `","algorithm":"` + odd + `"}`,
	} {
		s.answer = answer
		stdout, _, err := run("", append(strings.Fields(line), "--address", s.address)...)
		if err != nil || !strings.Contains(stdout, `\x1b`) || strings.ContainsAny(stdout, "\x1b\u009b") {
			t.Errorf("%s: %v %q", line, err, stdout)
		}
	}
}
