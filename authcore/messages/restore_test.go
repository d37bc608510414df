package messages

import (
	"strings"
	"testing"
)

// Every language has the code first, the number, the site and the time, in two SMS, without a
// link; and the subject has neither code nor number.
func TestRestore(t *testing.T) {
	d := data
	d.Number = "42"
	for _, tag := range tags {
		subject, text, lang := Restore(tag.String(), d)
		if lang != tag.String() || !strings.Contains(subject, d.Site) || strings.Contains(subject, d.Code) || strings.Contains(subject, "42") {
			t.Errorf("%s is answered in %s, with the subject %q", tag, lang, subject)
		}
		if !strings.HasPrefix(text, "123456 ") || !strings.Contains(text, d.Site) || !strings.Contains(text, "10") || !strings.Contains(text, "42") ||
			strings.Contains(text, "://") || parts(text) > 2 {
			t.Errorf("%s: %d parts, %q", tag, parts(text), text)
		}
	}
}
