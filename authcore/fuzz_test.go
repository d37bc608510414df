package authcore_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore"
)

// TOK-01: no text but a token of ours verifies, and none panics.
func FuzzVerify(f *testing.F) {
	h := newCore(f, nil)
	good := h.login(f, h.member(f, "alice")).Token
	forge := newForge(f, h, good)
	parts := strings.Split(good, ".")
	f.Add("")
	f.Add("..")
	f.Add(good[:len(good)-1])
	f.Add(parts[0] + "..")
	f.Add(parts[0] + "." + parts[1] + ".")
	f.Add(parts[0] + "." + parts[1] + "." + strings.Repeat("A", 86))
	f.Add(forge.withHeader(f, "alg", "none"))
	f.Add(forge.withHeader(f, "crit", "exp"))
	f.Fuzz(func(t *testing.T, token string) {
		if p, err := h.Gatekeeper.Authenticate(t.Context(), token, site); (err == nil || p != nil) && token != good {
			t.Errorf("%q verifies as %+v", token, p)
		}
		h.Gatekeeper.Issued(token)
	})
}

// PATH-03: no path panics, makes a long list, or is open by having no reading.
func FuzzReadings(f *testing.F) {
	for _, p := range []string{"", "/", "/public/../admin", "/%25%32%65", "/a;b/..;/c", `\..\`, "/%", "/%2", "/\x00#?"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		readings := authcore.Readings(p)
		if len(readings) == 0 || readings[0] != p || len(readings) > 300 {
			t.Errorf("%q has %d readings", p, len(readings))
		}
		if authcore.IsOpen(nil, readings) || !strings.HasPrefix(p, "/public/") && authcore.IsOpen(public, readings) {
			t.Errorf("%q is open", p)
		}
	})
}

// DEV-09: a canonical name is its own canonical form, and safe to show.
func FuzzCanonicalName(f *testing.F) {
	for _, s := range []string{"Alice", "ａ＠ｂ", "e\u0301", "ß", "ſ", "K", "İ", "ά", "אב", "a\u202eb", " x ", "+7-900-1234567", "ﬁ", "ｦﾞ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := authcore.CanonicalName(s)
		if err != nil {
			if name != "" || authcore.CodeOf(err) != authcore.CodeInvalid {
				t.Errorf("%q gave %q and %v", s, name, err)
			}
			return
		}
		again, err := authcore.CanonicalName(name)
		if err != nil || again != name {
			t.Errorf("%q became %q, and that became %q (%v)", s, name, again, err)
		}
		if name == "" || !utf8.ValidString(name) || strings.ContainsAny(name, "\x00\r\n\t \u202e") || strings.Count(name, "@") > 1 {
			t.Errorf("%q became %q", s, name)
		}
	})
}
