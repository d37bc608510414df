package authcore_test

import (
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// DEV-09: one strict grammar, one form that is stored and compared.
func TestCanonicalName(t *testing.T) {
	for _, c := range []struct{ name, typed, want string }{
		{"as it is", "alice", "alice"},
		{"case", "ALICE", "alice"},
		{"space around", "\talice \n", "alice"},
		{"full width", "ａｌｉｃｅ", "alice"},
		{"NFD", "rene\u0301e", "renée"},
		{"an address", "Alice@Example.COM", "alice@example.com"},
		{"128 letters", strings.Repeat("ж", 128), strings.Repeat("ж", 128)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := authcore.CanonicalName(c.typed)
			if must(t, err); got != c.want {
				t.Errorf("%q became %q, want %q", c.typed, got, c.want)
			}
		})
	}
	for _, c := range []struct{ name, typed string }{
		{"empty", ""},
		{"only spaces", " \t "},
		{"129 letters", strings.Repeat("ж", 129)},
		{"not UTF-8", "al\xffice"},
		{"two @", "a@b@c"},
		{"two @, one in full width", "a@b＠c"},
		{"NUL", "al\x00ice"},
		{"line end", "al\nice"},
		{"escape", "al\x1bice"},
		{"space inside", "al ice"},
		{"no-break space", "al\u00a0ice"},
		{"bidi override", "al\u202eice"},
		{"bidi mark", "al\u200fice"},
		{"zero width joiner", "al\u200dice"},
		{"soft hyphen", "al\u00adice"},
		{"mixed directions", "alאice"},
		{"the shape of an id", "123e4567-e89b-12d3-a456-426614174000"},
		{"in capitals", "123E4567-E89B-12D3-A456-426614174000"},
		{"in braces", "{123e4567-e89b-12d3-a456-426614174000}"},
		{"without hyphens", "123e4567e89b12d3a456426614174000"},
		{"as a URN", "urn:uuid:123e4567-e89b-12d3-a456-426614174000"},
		{"a phone that would be read as another name", "+7-900-123-45-67"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := authcore.CanonicalName(c.typed)
			wantCode(t, err, authcore.CodeInvalid)
			if got != "" {
				t.Errorf("%q became %q", c.typed, got)
			}
		})
	}
}

func TestCanonicalEmailAndPhone(t *testing.T) {
	for typed, want := range map[string]string{
		"Alice@Example.com": "alice@example.com", " a@b ": "a@b",
		"alice": "", "@example.com": "", "alice@": "", "a@b@c": "", "": "", "a b@c": "", strings.Repeat("x", 120) + "@example.com": "",
	} {
		got, err := authcore.CanonicalEmail(typed)
		if (err == nil) != (want != "") || got != want {
			t.Errorf("e-mail %q became %q, %v; want %q", typed, got, err, want)
		}
	}
	for typed, want := range map[string]string{
		"+79001234567": "+79001234567", " +7 (900) 123-45.67 ": "+79001234567", "+1234567": "+1234567",
		"79001234567": "", "+07900123456": "", "+123456": "", "+1234567890123456": "", "+7900123456x": "", "+٧٩٠٠١٢٣٤٥٦٧": "", "+7900\n1234567": "", "": "",
	} {
		got, err := authcore.CanonicalPhone(typed)
		if (err == nil) != (want != "") || got != want {
			t.Errorf("phone %q became %q, %v; want %q", typed, got, err, want)
		}
	}
}

// DEV-09, HDR-04: a group can stand in a header, between commas.
func TestCheckGroup(t *testing.T) {
	for _, good := range []string{"admins", "Админы", "a.b_c-d:e/f@g+h", strings.Repeat("ж", 64), "7"} {
		if err := authcore.CheckGroup(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "a,b", "a b", "a;b", "a\nb", "a\r", "\x00", "a\u202eb", "a\xff", strings.Repeat("x", 65), "a\"b", "a=b", "🦊"} {
		wantCode(t, authcore.CheckGroup(bad), authcore.CodeInvalid)
	}
}

// LCK-04, DEV-09: names, e-mails and phones of all users are one set.
func TestOneWordMeansOneUser(t *testing.T) {
	h := newCore(t, nil)
	add := func(name, email, phone string, groups ...string) error {
		_, err := h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{
			Name: name, Email: email, Phone: phone, Groups: groups, Password: password,
		})
		return err
	}
	must(t, add("alice@example.com", "alice@example.com", "+79001234567", "staff"))
	for _, c := range []struct{ name, user, email, phone string }{
		{"the name in capitals", "ALICE@example.com", "", ""},
		{"the e-mail as a name", "bob", "Alice@example.com", ""},
		{"the phone", "bob", "", "+7 900 123 45 67"},
		{"the phone as a name", "+79001234567", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := add(c.user, c.email, c.phone)
			wantCode(t, err, authcore.CodeConflict)
			if text := authcore.MessageOf(err); !strings.Contains(text, `"alice@example.com"`) && !strings.Contains(text, `"+79001234567"`) {
				t.Errorf("it does not say which: %s", text)
			}
		})
	}
	for _, language := range []string{"de", "russian", "x y"} {
		_, err := h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "carol", Language: language, Password: password})
		wantCode(t, err, authcore.CodeInvalid)
	}
	wantCode(t, add("bob", "", "", "a,b"), authcore.CodeInvalid)
	wantCode(t, add("bob", "no address", ""), authcore.CodeInvalid)
	wantCode(t, add("bob", "", "no number"), authcore.CodeInvalid)
	must(t, add("bob", "", ""))
	for _, ref := range []string{"alice@example.com", " Alice@Example.com", "+7 (900) 1234567"} {
		u, err := h.Users.Get(t.Context(), authcore.Operator(), ref)
		if must(t, err); u.Name != "alice@example.com" || len(u.Groups) != 1 || u.Groups[0] != "staff" {
			t.Errorf("%q is %+v", ref, u)
		}
	}
}
