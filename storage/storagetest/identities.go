package storagetest

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

// identities: an account means one user, in its tenant, at its source.
func identities(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	account := func(source, subject, user string) authcore.Identity {
		return authcore.Identity{Tenant: authcore.DefaultTenant, Source: source, Subject: subject, UserID: user}
	}
	link := func(i authcore.Identity) func(authcore.Tx) error {
		return func(tx authcore.Tx) error { return tx.LinkIdentity(i) }
	}
	second, first, foreign := account("google", "b", "1"), account("google", "a", "1"), account("keycloak", "a", "2")
	elsewhere := account("google", "a", "2")
	elsewhere.Tenant = "other"
	for _, i := range []authcore.Identity{second, first, foreign, elsewhere} {
		write(t, s, link(i))
	}
	refused(t, s, authcore.CodeConflict, link(account("google", "a", "2")))
	refused(t, s, authcore.CodeConflict, link(first)) // his own, again
	refused(t, s, authcore.CodeConflict, link(account("google", "c", "nobody")))
	belongs := func(tenant, source, subject, user string) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.UserByIdentity(tenant, source, subject)
			if user == "" {
				wantCode(t, err, authcore.CodeNotFound)
				return nil
			}
			same(t, "user of "+subject, got, sampleUser(user))
			return err
		})
	}
	belongs(authcore.DefaultTenant, "google", "a", "1")
	belongs(authcore.DefaultTenant, "keycloak", "a", "2")
	belongs("other", "google", "a", "2")
	belongs(authcore.DefaultTenant, "google", "A", "") // OpenID Connect: sub is case-sensitive
	belongs(authcore.DefaultTenant, "github", "a", "")
	belongs("third", "google", "a", "")
	listed := func(user string, want ...authcore.Identity) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Identities(user)
			same(t, "identities of "+user, got, append([]authcore.Identity{}, want...))
			return err
		})
	}
	listed("1", first, second)
	listed("2", elsewhere, foreign)
	listed("nobody")
	unlink := func(i authcore.Identity) func(authcore.Tx) error {
		return func(tx authcore.Tx) error { return tx.UnlinkIdentity(i) }
	}
	refused(t, s, authcore.CodeNotFound, unlink(account("google", "a", "2"))) // that of another user
	listed("1", first, second)
	write(t, s, unlink(first))
	refused(t, s, authcore.CodeNotFound, unlink(first))
	listed("1", second)
	belongs(authcore.DefaultTenant, "google", "a", "")
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("1") })
	belongs(authcore.DefaultTenant, "google", "b", "")
	write(t, s, link(account("google", "b", "2"))) // free again
	belongs(authcore.DefaultTenant, "google", "b", "2")
}
