package pages

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	for _, s := range []Settings{
		{},
		{Prefix: "/door/"},
		{Prefix: "/.doorward/"},
		{Prefix: "/a/b-c_d~e.f/9/"},
		{Prefix: "/...a/"},
		{Name: "«Акме» & Co <b>"},
		{Name: strings.Repeat("я", 64)},
		{Accent: "0a7d4f"},
		{Accent: "#ABC"},
	} {
		if err := s.Check(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{Prefix: "/"}, "prefix '/' is not a path like /.doorward/"},
		{Settings{Prefix: "door/"}, "prefix 'door/'"},
		{Settings{Prefix: "/door"}, "prefix '/door'"},
		{Settings{Prefix: "//"}, "prefix '//'"},
		{Settings{Prefix: "//door/"}, "prefix '//door/'"},
		{Settings{Prefix: "/a//b/"}, "prefix '/a//b/'"},
		{Settings{Prefix: "/./"}, "prefix '/./'"},
		{Settings{Prefix: "/a/../"}, "prefix '/a/../'"},
		{Settings{Prefix: "/.../"}, "prefix '/.../'"},
		{Settings{Prefix: "/a b/"}, "prefix '/a b/'"},
		{Settings{Prefix: "/a%2f/"}, "prefix '/a%2f/'"},
		{Settings{Prefix: "/a*/"}, "prefix '/a*/'"},
		{Settings{Prefix: "/a/\n"}, "prefix"},
		{Settings{Prefix: "https://a/"}, "prefix 'https://a/'"},
		{Settings{Name: "a\nb"}, "name 'a\nb'"},
		{Settings{Name: "\xff"}, "name '\xff'"},
		{Settings{Name: strings.Repeat("я", 65)}, "64 characters at most"},
		{Settings{Accent: "green"}, "accent 'green' is not a colour: 3 or 6 hexadecimal digits, like 2457c5"},
		{Settings{Accent: "#12345"}, "accent '#12345'"},
		{Settings{Accent: "12345678"}, "accent '12345678'"},
		{Settings{Accent: "##123"}, "accent '##123'"},
		{Settings{Accent: "123;}"}, "accent '123;}'"},
		{Settings{Accent: "123\n"}, "accent '123\n'"},
	} {
		err := c.s.Check()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.want)
		}
		if _, again := New(c.s); again == nil {
			t.Errorf("New takes %+v", c.s)
		}
	}
}

// A logo is a picture, of the kind that its name says, and not a large one.
func TestLogo(t *testing.T) {
	var pngs, jpgs bytes.Buffer
	picture := image.NewGray(image.Rect(0, 0, 4, 4))
	if png.Encode(&pngs, picture) != nil || jpeg.Encode(&jpgs, picture, nil) != nil {
		t.Fatal("the pictures can't be made")
	}
	const svg = `<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	dir := t.TempDir()
	for _, c := range []struct{ name, content, media, want string }{
		{"a.svg", svg, "image/svg+xml", ""},
		{"a.PNG", pngs.String(), "image/png", ""},
		{"a.jpg", jpgs.String(), "image/jpeg", ""},
		{"a.jpeg", jpgs.String(), "image/jpeg", ""},
		{"a.webp", "RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp", ""},
		{"full.svg", "<svg>" + strings.Repeat(" ", maxLogo-5), "image/svg+xml", ""},
		{"large.svg", "<svg>" + strings.Repeat(" ", maxLogo-4), "", "is too large: 256 KiB at most"},
		{"a.gif", "GIF89a", "", "is not a picture that browsers show: svg, png, jpg or webp"},
		{"logo", svg, "", "is not a picture"},
		{"b.png", jpgs.String(), "", "has something else in it than its name says: image/png"},
		{"b.svg", "<html><svg/></html>", "", "image/svg+xml"},
		{"c.svg", pngs.String(), "", "image/svg+xml"},
		{"d.svg", "", "", "image/svg+xml"},
		{"b.jpg", "<svg/>", "", "image/jpeg"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := New(Settings{Logo: path})
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), "logo '"+path+"' ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		case err != nil || string(p.Logo.Content) != c.content || p.Logo.Type != c.media:
			t.Errorf("%s: %v", c.name, err)
		case (p.Logo.Policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox") != (c.media == "image/svg+xml"):
			t.Errorf("%s is shown under %q", c.name, p.Logo.Policy)
		}
	}
	if _, err := New(Settings{Logo: filepath.Join(dir, "none.png")}); err == nil || !strings.Contains(err.Error(), "none.png'") {
		t.Errorf("a logo that is not there: %v", err)
	}
}

// A page names the logo and the style by what is in them, so that after an upgrade
// no cache shows the old.
func TestVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.svg")
	if err := os.WriteFile(path, []byte("<svg/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := mustNew(t, Settings{Prefix: "/door/", Logo: path, Accent: "123"})
	body := write(t, p, "en", samples[0]).Body.String()
	for _, want := range []string{`href="/door/style.css?v=` + p.Style.Version + `"`, `src="/door/logo?v=` + p.Logo.Version + `"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing in %s", want, body)
		}
	}
	if other := mustNew(t, Settings{Accent: "124"}); other.Style.Version == p.Style.Version || len(p.Style.Version) != 16 {
		t.Errorf("two styles have the version %q", p.Style.Version)
	}
}
