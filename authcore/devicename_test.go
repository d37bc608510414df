package authcore_test

import (
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// DEV-09: a name is what can be seen, in one form, and 64 characters at most.
func TestRename(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	me := authcore.ActingUser(h.passes(t, h.login(t, m).Token))
	id := m.device.Device.ID
	for _, c := range []struct{ typed, kept string }{
		{"my phone", "my phone"},
		{"  мой телефон \n", "мой телефон"},
		{"我的　手机 📱", "我的　手机 📱"},
		{"Cafe\u0301", "Caf\u00e9"},
		{`<b>"&'\`, `<b>"&'\`},
		{strings.Repeat("я", 64), strings.Repeat("я", 64)},
		{strings.Repeat("e\u0301", 64), strings.Repeat("\u00e9", 64)},
		{" \t\u00a0", ""},
		{"x", "x"},
		{"", ""},
	} {
		d, err := h.Devices.Rename(t.Context(), me, id, c.typed)
		if err != nil || d.Name != c.kept {
			t.Errorf("%q is kept as %q, %v", c.typed, d.Name, err)
		}
		if d, _, err := h.Devices.Get(t.Context(), me, m.device.Device.Serial); err != nil || d.Name != c.kept {
			t.Errorf("%q is shown as %q, %v", c.typed, d.Name, err)
		}
	}
	if n := h.reasons(t, "device.rename")[""]; n != 10 {
		t.Errorf("%d audited", n)
	}
	_, err := h.Devices.Rename(t.Context(), authcore.Operator(), id, "his phone")
	must(t, err)
	for what, name := range map[string]string{
		"65 characters": strings.Repeat("я", 65), "NUL": "a\x00b", "a line": "a\nb", "an escape": "a\x1b[31mb", "C1": "a\u009bb",
		"DEL": "a\x7fb", "right to left": "a\u202eb", "an isolate": "a\u2066b", "no width": "a\u200bb", "a mark": "\ufeffa", "a line of Unicode": "a\u2028b",
		"private": "a\ue000b", "no UTF-8": "a\xff", "nothing assigned": "a\U000e0fffb",
	} {
		if _, err := h.Devices.Rename(t.Context(), me, id, name); authcore.CodeOf(err) != authcore.CodeInvalid || err == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if d, _, err := h.Devices.Get(t.Context(), me, id); err != nil || d.Name != "his phone" {
		t.Errorf("the name is %q, %v", d.Name, err)
	}
}
