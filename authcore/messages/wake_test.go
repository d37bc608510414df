package messages

import (
	"strings"
	"testing"
	"unicode"
)

// Every language says where, in one notification, without a code, a number or a link.
func TestWake(t *testing.T) {
	for _, tag := range tags {
		subject, text, lang := Wake(tag.String(), "app.example.com")
		if lang != tag.String() || !strings.Contains(subject, "app.example.com") || !strings.HasPrefix(text, "app.example.com") {
			t.Errorf("%s is answered in %s, with %q and %q", tag, lang, subject, text)
		}
		if strings.Contains(text, "://") || strings.ContainsFunc(subject+text, unicode.IsDigit) || parts(text) > 2 {
			t.Errorf("%s: %d parts, %q", tag, parts(text), text)
		}
	}
}
