package pages

import (
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

// WCAG 2.2: white on black is 21 to 1; the others are of a contrast checker.
func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"000", "fff", 21}, {"fff", "#FFFFFF", 1}, {"767676", "fff", 4.54}, {"0a7d4f", "fff", 5.17}, {"f00", "00f", 2.15}} {
		a, b := mustColour(t, c.a), mustColour(t, c.b)
		if got := contrast(a, b); math.Abs(got-c.want) > 0.01 || got != contrast(b, a) {
			t.Errorf("%s on %s: %.2f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

func mustColour(t *testing.T, text string) colour {
	t.Helper()
	c, err := readColour(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var property = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+)`)

// properties are the colours of light and of dark, of the sheet that is served.
func properties(t *testing.T, accent string) [2]map[string]colour {
	t.Helper()
	sheet, err := style(accent)
	if err != nil {
		t.Fatal(err)
	}
	modes := [2]map[string]colour{{}, {}}
	dark := false
	for line := range strings.Lines(string(sheet.Content)) {
		dark = dark && !strings.HasPrefix(line, "}") || strings.Contains(line, "prefers-color-scheme: dark")
		for _, m := range property.FindAllStringSubmatch(line, -1) {
			mode := modes[0]
			if dark {
				mode = modes[1]
			}
			mode[m[1]] = mustColour(t, m[2])
		}
		dark = dark && !strings.HasSuffix(line, "} }\n")
	}
	return modes
}

// WCAG 1.4.3 and 1.4.11: whatever accent an operator takes, text has 4.5 to 1 and
// the edge of what can be used 3 to 1, in light and in dark.
func TestWhateverAccentIsReadable(t *testing.T) {
	accents := []string{"", "2457c5", "0a7d4f", "ffd500", "777", "808080", "7f7f7f"}
	for _, part := range []string{"00", "33", "66", "99", "cc", "ff"} {
		for _, other := range []string{"00", "55", "aa", "ff"} {
			accents = append(accents, part+other+"40", other+part+"c0", "00"+part+other)
		}
	}
	for _, accent := range accents {
		if accent == "" {
			accent = defaultAccent
		}
		for mode, of := range properties(t, accent) {
			if len(of) != 13 {
				t.Fatalf("%d colours in mode %d: %v", len(of), mode, of)
			}
			for _, pair := range []struct {
				text, back string
				least      float64
			}{
				{"on-accent", "accent", 4.5},
				{"link", "card", 4.5},
				{"link", "back", 4.5},
				{"text", "card", 4.5},
				{"text", "back", 4.5},
				{"text", "line", 4.5},
				{"muted", "card", 4.5},
				{"muted", "back", 4.5},
				{"bad", "card", 4.5},
				{"bad", "bad-back", 4.5},
				{"good", "good-back", 4.5},
				{"edge", "card", 3},
				{"link", "line", 3},
			} {
				if got := contrast(of[pair.text], of[pair.back]); got < pair.least {
					t.Errorf("accent %s, mode %d: --%s on --%s has %.2f, less than %.1f", accent, mode, pair.text, pair.back, got, pair.least)
				}
			}
		}
	}
}

// A button has the colour that the operator gave.
func TestAccentIsWhatWasGiven(t *testing.T) {
	if got := properties(t, "#0A7D4F")[0]["accent"]; got != mustColour(t, "0a7d4f") {
		t.Errorf("the accent is %s", got)
	}
	if got := properties(t, "fd0")[0]; got["accent"] != mustColour(t, "ffdd00") || got["on-accent"] != black {
		t.Errorf("the accent is %v", got)
	}
}

// The sheet is small, asks nobody for anything, and knows each class that a
// template uses.
func TestStyleSheet(t *testing.T) {
	text, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	sheet := string(text)
	if len(sheet) >= 10_000 {
		t.Errorf("style.css has %d bytes", len(sheet))
	}
	for _, never := range []string{"url(", "@import", "@font-face", "http:", "https:", "!important"} {
		if strings.Contains(sheet, never) {
			t.Errorf("style.css has %q", never)
		}
	}
	for _, needed := range []string{":focus-visible { outline: 3px", "prefers-reduced-motion", "forced-color-adjust", "@media print"} {
		if !strings.Contains(sheet, needed) {
			t.Errorf("style.css has no %q", needed)
		}
	}
	for _, left := range []string{"-left", "-right", "left:", "right:"} { // which are not the same in Arabic
		if strings.Contains(sheet, left) {
			t.Errorf("style.css has %q: say -inline-start or -end", left)
		}
	}
	class := regexp.MustCompile(`class="([^"]*)"`)
	action := regexp.MustCompile(`\{\{[^}]*\}\}`)
	for name, source := range ours(t) {
		for _, m := range class.FindAllStringSubmatch(action.ReplaceAllString(source, " "), -1) {
			for word := range strings.FieldsSeq(m[1]) {
				if !regexp.MustCompile(`\.` + regexp.QuoteMeta(word) + `\b`).MatchString(sheet) {
					t.Errorf("%s: style.css knows no class %q", name, word)
				}
			}
		}
	}
}
