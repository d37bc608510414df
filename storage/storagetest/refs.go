package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func sampleRef(key string) authcore.Ref {
	return authcore.Ref{Dialect: "x", Tenant: authcore.DefaultTenant, Kind: "device", Key: key}
}

func pointed(r authcore.Ref, old, id string) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.PointRef(r, old, id) }
}

// refs: what a dialect calls a thing names one, and moves from what it named.
func refs(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	names := func(r authcore.Ref, want string) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.ByRef(r)
			if want == "" {
				wantCode(t, err, authcore.CodeNotFound)
				return nil
			}
			same(t, "what "+r.Key+" names", got, want)
			return err
		})
	}
	k := sampleRef("k")
	names(k, "")
	won(t, s, false, "from what it does not name", pointed(k, "d1", "d2"))
	names(k, "")
	won(t, s, true, "from nothing", pointed(k, "", "d1"))
	won(t, s, false, "from nothing again", pointed(k, "", "d2"))
	won(t, s, false, "from nothing, to the same", pointed(k, "", "d1"))
	names(k, "d1")
	won(t, s, false, "from another", pointed(k, "d2", "d1"))
	won(t, s, true, "from what it names", pointed(k, "d1", "d2"))
	names(k, "d2")
	for what, change := range map[string]func(*authcore.Ref){
		"dialect": func(r *authcore.Ref) { r.Dialect = "y" }, "tenant": func(r *authcore.Ref) { r.Tenant = "other" },
		"kind": func(r *authcore.Ref) { r.Kind = "user" }, "key": func(r *authcore.Ref) { r.Key = "K" },
	} {
		other := k
		change(&other)
		names(other, "")
		won(t, s, false, "of another "+what, pointed(other, "d2", "1"))
		won(t, s, true, "of another "+what+", from nothing", pointed(other, "", "1"))
		names(other, "1")
	}
	names(k, "d2")
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("2") })
	names(k, "")
	user := k
	user.Kind = "user"
	names(user, "1")
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("1") })
	names(user, "")
}

func shown(digest string, until time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.ShowOnce([]byte(digest), until) }
}

// replays: what may be shown once stays shown until nobody would take it any more.
func replays(t *testing.T, open Open) {
	s := open(t, Opts{})
	until := start.Add(time.Minute)
	won(t, s, true, "the first time", shown("a\x00", until))
	won(t, s, false, "again", shown("a\x00", until))
	won(t, s, false, "again, for longer", shown("a\x00", until.Add(time.Hour)))
	won(t, s, true, "another", shown("a", until.Add(time.Millisecond)))
	prune(t, s, authcore.Retention{Now: until.Add(-time.Millisecond)}, 0)
	won(t, s, false, "before its end", shown("a\x00", until))
	prune(t, s, authcore.Retention{Now: until}, 1)
	won(t, s, false, "another, before its end", shown("a", until))
	won(t, s, true, "after its end", shown("a\x00", until))
}
