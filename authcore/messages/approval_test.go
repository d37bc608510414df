package messages

import (
	"strings"
	"testing"
	"time"
)

var approval = ApprovalData{Token: "329adf", Site: "app.example.com", Asks: "acme", Lifetime: 5 * time.Minute}

// Every language says what the token does, who asks, for how long and that it is kept: with
// the token first, in two SMS, or three with the longest name, and without a link.
func TestApproval(t *testing.T) {
	keep := map[string]string{"en": "Give it to nobody", "ru": "Никому не сообщайте", "pt": "Não o revele", "zh": "请勿告诉任何人"}
	for _, tag := range tags {
		d := approval
		subject, text, lang := Approval(tag.String(), d)
		if lang != tag.String() || !strings.Contains(subject, d.Site) || strings.Contains(subject, d.Token) || strings.Contains(subject, d.Asks) {
			t.Errorf("%s is answered in %s, with the subject %q", tag, lang, subject)
		}
		if !strings.HasPrefix(text, "329adf ") || !strings.Contains(text, d.Site) || !strings.Contains(text, "acme") || !strings.Contains(text, "5") ||
			!strings.Contains(text, keep[lang]) || strings.Contains(text, "://") || parts(text) > 2 {
			t.Errorf("%s: %d parts, %q", tag, parts(text), text)
		}
		d.Asks = strings.Repeat("ы", 100) + "\r\nhttps://example.net/"
		if _, named, _ := Approval(tag.String(), d); parts(named) > 3 || !strings.Contains(named, "ыыы...") || strings.ContainsAny(named, "\r\n") {
			t.Errorf("%s: %d parts, %q", tag, parts(named), named)
		}
		d.Asks = " \u202e\t"
		if _, unnamed, _ := Approval(tag.String(), d); strings.Contains(unnamed, "  ") || strings.Contains(unnamed, "()") || strings.Contains(unnamed, "（）") || parts(unnamed) > 2 {
			t.Errorf("%s: %q", tag, unnamed)
		}
	}
}

// A token that ends sooner than the text says helps nobody.
func TestApprovalMinutesAreNeverMore(t *testing.T) {
	d := approval
	d.Lifetime = 5*time.Minute - time.Second
	if _, text, _ := Approval("en", d); !strings.Contains(text, "for 4 min") {
		t.Errorf("%q", text)
	}
}
