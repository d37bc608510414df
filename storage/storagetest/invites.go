package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func sampleInvite(user, digest string) authcore.Invite {
	return authcore.Invite{
		UserID: user, Digest: []byte(digest), CreatedAt: start, ExpiresAt: start.Add(authcore.InviteLifetime),
	}
}

func invited(user, digest string, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.ConsumeInvite(user, []byte(digest), at) }
}

// invitation checks a user's invitation; nil: he has none.
func invitation(t *testing.T, s authcore.Store, user string, want *authcore.Invite) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Invite(user)
		if want == nil {
			wantCode(t, err, authcore.CodeNotFound)
			return nil
		}
		same(t, "invitation of "+user, got, *want)
		return err
	})
}

// invitations: each is its user's, works once and in time, and the next one takes
// its place.
func invitations(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	invitation(t, s, "1", nil)
	won(t, s, false, "an invitation of who has none", invited("1", "", start))
	first, other := sampleInvite("1", "t\x00"), sampleInvite("2", "u")
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.PutInvite(first))
		return tx.PutInvite(other)
	})
	invitation(t, s, "1", &first)
	for what, use := range map[string]func(authcore.Tx) (bool, error){
		"another token":       invited("1", "t", start),
		"no token":            invited("1", "", start),
		"a token of another":  invited("1", "u", start),
		"a token for another": invited("2", "t\x00", start),
		"a token for nobody":  invited("", "t\x00", start),
		"an expired token":    invited("1", "t\x00", first.ExpiresAt),
	} {
		won(t, s, false, what, use)
	}
	invitation(t, s, "1", &first)
	last := first.ExpiresAt.Add(-time.Millisecond)
	won(t, s, true, "the token", invited("1", "t\x00", last))
	won(t, s, false, "the token again", invited("1", "t\x00", last))
	won(t, s, false, "the token again, earlier", invited("1", "t\x00", start))
	first.UsedAt = last
	invitation(t, s, "1", &first)

	second, third := sampleInvite("1", "v"), sampleInvite("1", "w")
	second.CreatedAt, second.ExpiresAt = start.Add(time.Hour), start.Add(2*time.Hour)
	for _, next := range []authcore.Invite{second, third} {
		write(t, s, func(tx authcore.Tx) error { return tx.PutInvite(next) })
		invitation(t, s, "1", &next) // also after a used one
	}
	won(t, s, false, "a token that was replaced", invited("1", "v", start))
	won(t, s, true, "the last token", invited("1", "w", start))
	invitation(t, s, "2", &other)

	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.PutInvite(sampleInvite("nobody", "x")) })
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("2") })
	invitation(t, s, "2", nil)
}
