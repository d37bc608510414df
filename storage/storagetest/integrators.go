package storagetest

import (
	"net/netip"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func sampleIntegrator(id string) authcore.Integrator {
	return authcore.Integrator{
		ID: id, Name: "name-" + id, Dialect: "surepassid", Tenant: "other", Digest: []byte{1, 0, 255},
		Operations: []string{"a", "b"}, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		Rate: 7, CreatedAt: start,
	}
}

// integrators have one name each, and their limits come back whole.
func integrators(t *testing.T, open Open) {
	s := open(t, Opts{})
	limited, free := sampleIntegrator("z"), sampleIntegrator("a")
	free.Name, free.Operations, free.Allow = "zoe", nil, nil
	free.Digest, free.PublicKey = nil, []byte{0x30, 0, 255}
	for _, i := range []authcore.Integrator{free, limited} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateIntegrator(i) })
	}
	alike := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	for _, want := range []authcore.Integrator{limited, free} {
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.IntegratorByName(want.Name)
			alike(want.Name, got, want)
			try(t, err)
			got, err = tx.IntegratorByID(want.ID)
			alike(want.ID, got, want)
			return err
		})
	}
	listed := func(want ...authcore.Integrator) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Integrators()
			alike("Integrators", got, want)
			return err
		})
	}
	listed(limited, free)
	for what, change := range map[string]func(*authcore.Integrator){
		"the name of another": func(i *authcore.Integrator) { i.Name, i.Dialect, i.Tenant = "zoe", "x", "third" },
		"the ID of another":   func(i *authcore.Integrator) { i.ID = "a" },
	} {
		i := sampleIntegrator("new")
		change(&i)
		err := s.Write(t.Context(), func(tx authcore.Tx) error { return tx.CreateIntegrator(i) })
		if authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("%s: got %v, want conflict", what, err)
		}
	}
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveIntegrator("z") })
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.RemoveIntegrator("z") })
	read(t, s, func(tx authcore.Tx) error {
		for _, name := range []string{limited.Name, "", "Zoe", "zo"} {
			_, err := tx.IntegratorByName(name)
			wantCode(t, err, authcore.CodeNotFound)
		}
		for _, id := range []string{limited.ID, "", "A", free.Name} {
			_, err := tx.IntegratorByID(id)
			wantCode(t, err, authcore.CodeNotFound)
		}
		return nil
	})
	listed(free)
	again := sampleIntegrator("again")
	again.Name = limited.Name
	write(t, s, func(tx authcore.Tx) error { return tx.CreateIntegrator(again) })
	listed(again, free)
}
