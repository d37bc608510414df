package pages

import (
	"strings"
	"testing"
)

// A name may be too long for a picture: then there is none, and no crash.
func TestLongestQR(t *testing.T) {
	if q := drawQR(strings.Repeat("a", maxQR)); q.Size != 177+2*quietZone || !strings.HasPrefix(q.Path, "M4 4h7v1h-7z") {
		t.Errorf("the largest picture is %d wide", q.Size)
	}
	for _, n := range []int{maxQR + 1, 10_000} {
		if q := drawQR(strings.Repeat("a", n)); q != (QR{}) {
			t.Errorf("%d bytes are drawn %d wide", n, q.Size)
		}
	}
}

// DEV-05: a key that no picture holds is shown as text, with a word about it.
func TestKeyWithoutPicture(t *testing.T) {
	p, err := New(Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		uri          string
		has, hasNone string
	}{
		{"otpauth://totp/A:a?secret=ABCDEFGH", "Scan this picture", "too long for a picture"},
		{"otpauth://totp/A:" + strings.Repeat("a", maxQR) + "?secret=ABCDEFGH", "too long for a picture", "<svg"},
	} {
		text, err := p.draw(View{Page: "enrol_app", Title: "enrol.app.title", Lang: "en", Data: NewApp("enrol", c.uri, "ABCDEFGHI")})
		if err != nil {
			t.Fatal(err)
		}
		page := string(text)
		if !strings.Contains(page, c.has) || strings.Contains(page, c.hasNone) || !strings.Contains(page, "<span>ABCD</span><span>EFGH</span><span>I</span>") {
			t.Errorf("%.40s: %s", c.uri, page)
		}
	}
}
