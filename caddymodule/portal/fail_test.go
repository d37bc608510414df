package portal

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Every code of the core has a page, or leads to one.
func TestRefusalsAreComplete(t *testing.T) {
	for _, code := range authcore.Codes() {
		page, ok := refusals[code]
		leads := code == authcore.CodeUnauthenticated || code == authcore.CodeStepUp
		if ok == leads || ok && (page.status < 400 || page.name == "") {
			t.Errorf("%s: %v %v", code, page, ok)
		}
	}
}

// What is shown to who has shown a password alone is never the whole.
func TestMasked(t *testing.T) {
	for _, c := range []struct {
		kind          authcore.DeviceKind
		address, want string
	}{
		{authcore.KindPhone, "+79001234567", "+7900***4567"},
		{authcore.KindPhone, "+351912345678", "+3519***5678"},
		{authcore.KindPhone, "+12345678", "+1***5678"},
		{authcore.KindPhone, "+123456", "***3456"},
		{authcore.KindPhone, "+12345", "***"},
		{authcore.KindPhone, "", "***"},
		{authcore.KindEmail, "alice@example.com", "a***@e***.com"},
		{authcore.KindEmail, "é@mail.example.co.uk", "é***@m***.uk"},
		{authcore.KindEmail, "a@localhost", "a***@***"},
		{authcore.KindEmail, "", "***@***"},
	} {
		if got := masked(c.kind, c.address); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.kind, c.address, got, c.want)
		}
	}
}
