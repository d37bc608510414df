package messages

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

var notice = Notice{
	Kind: "totp", Site: "app.example.com",
	At: time.Date(2026, 3, 1, 14, 59, 59, 0, time.FixedZone("", 2*60*60)),
}

// parts is how many SMS a text takes: of several parts each has 153 signs of GSM
// 03.38, or 67 of UCS-2.
func parts(text string) int {
	one, many := 160, 153
	if strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
		one, many = 70, 67
	}
	n := len(utf16.Encode([]rune(text)))
	if n <= one {
		return 1
	}
	return (n + many - 1) / many
}

// Every language tells every change of every kind of device: what, when and
// where, in two SMS, or three with the longest name, without a code or a link.
func TestChange(t *testing.T) {
	for i, tag := range tags {
		if !slices.Equal(slices.Sorted(maps.Keys(all[i].changes)), slices.Sorted(maps.Keys(all[0].changes))) ||
			!slices.Equal(slices.Sorted(maps.Keys(all[i].kinds)), slices.Sorted(maps.Keys(all[0].kinds))) {
			t.Errorf("%s tells other changes, or of other kinds, than %s", tag, tags[0])
		}
		for action := range all[i].changes {
			for kind, word := range all[i].kinds {
				n := notice
				n.Action, n.Kind = action, kind
				subject, text, lang := Change(tag.String(), n)
				if lang != tag.String() || !strings.Contains(subject, n.Site) {
					t.Errorf("%s is answered in %s, with the subject %q", tag, lang, subject)
				}
				if !strings.HasPrefix(text, n.Site) || !strings.Contains(text, "2026-03-01 12:59 UTC") || strings.Contains(text, "://") || parts(text) > 2 {
					t.Errorf("%s: %d parts, %q", tag, parts(text), text)
				}
				ofDevice := strings.Contains(all[i].changes[action].Root.String(), ".Device")
				if strings.Contains(text, word) != ofDevice && kind != "backup" {
					t.Errorf("%s: the kind is %q: %q", tag, word, text)
				}
				n.Name = strings.Repeat("ы", 100)
				_, named, _ := Change(tag.String(), n)
				if parts(named) > 3 || strings.Contains(named, "ыыы...") != ofDevice {
					t.Errorf("%s: %d parts, %q", tag, parts(named), named)
				}
			}
		}
	}
}

// A device's name is its owner's text: it breaks no line, turns no direction,
// fills no message, and stands in no subject.
func TestNamesInAChange(t *testing.T) {
	for name, want := range map[string]string{
		"":                          "device blocked: phone (",
		"Mum's phone":               `device blocked: phone "Mum's phone" (`,
		"a\r\nBcc: b@example.com":   `phone "aBcc: b@example.com" (`,
		"\u202egnp.exe\u200b\x00":   `phone "gnp.exe" (`,
		" \t ":                      "phone (",
		"\xff\xfe":                  "phone (",
		"{{.Site}}%s":               `phone "{{.Site}}%s" (`,
		strings.Repeat("x", 24):     `phone "` + strings.Repeat("x", 24) + `" (`,
		strings.Repeat("x", 25):     `phone "` + strings.Repeat("x", 21) + `..." (`,
		strings.Repeat("Я", 10_000): `phone "` + strings.Repeat("Я", 21) + `..." (`,
	} {
		n := notice
		n.Action, n.Kind, n.Name = "device.block", "phone", name
		subject, text, _ := Change("", n)
		if !strings.Contains(text, want) || strings.ContainsAny(text, "\r\n\x00") {
			t.Errorf("%.40q gives %q, want %q in it", name, text, want)
		}
		if subject != "Security notice from app.example.com" {
			t.Errorf("%.40q: the subject is %q", name, subject)
		}
	}
}

// Every language welcomes to every kind of device: what, where and when, and whom to
// tell, in two SMS, or three with the longest name, without a code or a link.
func TestWelcome(t *testing.T) {
	for i, tag := range tags {
		for kind, word := range all[i].kinds {
			n := notice
			n.Kind, n.Name = kind, "OATH_ABCDEFGHIJKL"
			subject, text, lang := Welcome(tag.String(), n)
			if lang != tag.String() || !strings.Contains(subject, n.Site) || strings.ContainsAny(subject, "\r\n") || strings.Contains(subject, n.Name) {
				t.Errorf("%s is answered in %s, with the subject %q", tag, lang, subject)
			}
			if !strings.HasPrefix(text, n.Site) || !strings.Contains(text, "2026-03-01 12:59 UTC") || !strings.Contains(text, n.Name) ||
				!strings.Contains(text, word) || strings.Contains(text, "://") || parts(text) > 3 {
				t.Errorf("%s: %d parts, %q", tag, parts(text), text)
			}
			n.Name = strings.Repeat("ы", 100)
			if _, named, _ := Welcome(tag.String(), n); parts(named) > 3 || !strings.Contains(named, "ыыы...") {
				t.Errorf("%s: %d parts, %q", tag, parts(named), named)
			}
			n.Name = ""
			if _, text, _ := Welcome(tag.String(), n); !strings.Contains(text, word) || parts(text) > 2 {
				t.Errorf("%s: %q", tag, text)
			}
		}
	}
}
