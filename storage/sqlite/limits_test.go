package sqlite_test

import (
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// Limits of an integrator that can't be read are no absence of limits.
func TestUnreadableLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	i := authcore.Integrator{
		ID: "i", Name: "acme", Operations: []string{"read"}, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
	}
	if err := s.Write(t.Context(), func(tx authcore.Tx) error { return tx.CreateIntegrator(i) }); err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	defer db.Close()
	const operations, allow = `["read"]`, `["192.0.2.0/24"]`
	for _, bad := range [][2]string{
		{``, allow},
		{`null`, allow},
		{`["read"`, allow},
		{`{}`, allow},
		{`[1]`, allow},
		{operations, ``},
		{operations, `null`},
		{operations, `["192.0.2.0"]`},
		{operations, `[7]`},
	} {
		if _, err := db.ExecContext(t.Context(), `UPDATE integrators SET operations = ?, allow = ?`, bad[0], bad[1]); err != nil {
			t.Fatal(err)
		}
		for what, look := range map[string]func(authcore.Tx) error{
			"one": func(tx authcore.Tx) error { _, err := tx.IntegratorByName("acme"); return err },
			"all": func(tx authcore.Tx) error { _, err := tx.Integrators(); return err },
		} {
			if err := s.Read(t.Context(), look); err == nil || authcore.CodeOf(err) != authcore.CodeInternal {
				t.Errorf("%s, with %s: %v", what, bad, err)
			}
		}
	}
}
