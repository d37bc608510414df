package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func sampleChallenge(id, user string) authcore.Challenge {
	return authcore.Challenge{
		ID: id, UserID: user, DeviceID: "d" + user, Purpose: authcore.PurposeLogin, Binding: "app|door",
		Sealed: []byte{1, 0, 255}, CreatedAt: start, ExpiresAt: start.Add(authcore.ChallengeLifetime),
	}
}

// people are users who have a device each: user "1" has "d1".
func people(t *testing.T, s authcore.Store, ids ...string) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range ids {
			try(t, tx.CreateUser(sampleUser(id)))
			try(t, tx.CreateDevice(sampleDevice("d"+id, id)))
		}
		return nil
	})
}

func put(t *testing.T, s authcore.Store, all ...authcore.Challenge) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		for _, c := range all {
			try(t, tx.PutChallenge(c))
		}
		return nil
	})
}

// onTheWay checks a user's challenge; nil: he has none.
func onTheWay(t *testing.T, s authcore.Store, user string, purpose authcore.Purpose, want *authcore.Challenge) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Challenge(user, purpose)
		if want == nil {
			wantCode(t, err, authcore.CodeNotFound)
			return nil
		}
		same(t, "challenge of "+user, got, *want)
		return err
	})
}

func tried(id string, limit int, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.TryChallenge(id, limit, at) }
}

func redeemed(id string, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.RedeemChallenge(id, at) }
}

// challenges: a user has one for each purpose, and a new one replaces all of it.
func challenges(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(sampleDevice("other", "1")) })
	onTheWay(t, s, "1", authcore.PurposeLogin, nil)
	first, elsewhere, foreign := sampleChallenge("a", "1"), sampleChallenge("b", "1"), sampleChallenge("c", "2")
	elsewhere.Purpose = "other"
	put(t, s, first, elsewhere, foreign)
	onTheWay(t, s, "1", authcore.PurposeLogin, &first)
	onTheWay(t, s, "1", "third", nil)
	won(t, s, true, "try", tried("a", 5, start))
	won(t, s, true, "redeem", redeemed("a", start.Add(time.Second)))
	first.Tries, first.RedeemedAt = 1, start.Add(time.Second)
	onTheWay(t, s, "1", authcore.PurposeLogin, &first)
	second := authcore.Challenge{
		ID: "z", UserID: "1", DeviceID: "other", Purpose: authcore.PurposeLogin, Binding: "app|other door",
		Sealed: []byte{2}, CreatedAt: start.Add(time.Minute), ExpiresAt: start.Add(time.Hour),
	}
	put(t, s, second)
	onTheWay(t, s, "1", authcore.PurposeLogin, &second)
	onTheWay(t, s, "1", "other", &elsewhere)
	onTheWay(t, s, "2", authcore.PurposeLogin, &foreign)
	replaced := sampleChallenge("new", "2")
	put(t, s, replaced)
	won(t, s, false, "try of a replaced one", tried("c", 5, start))
	won(t, s, false, "redeem of a replaced one", redeemed("c", start))
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveChallenge("c") })
	onTheWay(t, s, "2", authcore.PurposeLogin, &replaced)
	for range 2 { // none is no error
		write(t, s, func(tx authcore.Tx) error { return tx.RemoveChallenge("z") })
		onTheWay(t, s, "1", authcore.PurposeLogin, nil)
	}
	onTheWay(t, s, "1", "other", &elsewhere)
	for what, change := range map[string]func(*authcore.Challenge){
		"the id of another": func(c *authcore.Challenge) { c.ID = "new" },
		"no such user":      func(c *authcore.Challenge) { c.UserID = "nobody" },
		"no such device":    func(c *authcore.Challenge) { c.DeviceID = "none" },
	} {
		c := sampleChallenge("fresh", "1")
		change(&c)
		err := s.Write(t.Context(), func(tx authcore.Tx) error { return tx.PutChallenge(c) })
		if authcore.CodeOf(err) != authcore.CodeConflict {
			t.Errorf("%s: got %v, want conflict", what, err)
		}
	}
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("2") })
	onTheWay(t, s, "2", authcore.PurposeLogin, nil)
}

// challengeTries: tries are bounded, and a code that is used or late is void.
func challengeTries(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	c := sampleChallenge("a", "1")
	last := c.ExpiresAt.Add(-time.Millisecond)
	refund := func() {
		t.Helper()
		write(t, s, func(tx authcore.Tx) error { return tx.RefundChallenge("a") })
	}
	put(t, s, c)
	refund() // of nothing
	refund()
	won(t, s, false, "try when none is allowed", tried("a", 0, start))
	for range 3 {
		won(t, s, true, "try", tried("a", 3, last))
	}
	won(t, s, false, "try beyond the limit", tried("a", 3, last))
	refund()
	won(t, s, true, "try after one was taken back", tried("a", 3, last))
	won(t, s, false, "try beyond the limit again", tried("a", 3, last))
	won(t, s, false, "try at the expiry", tried("a", 9, c.ExpiresAt))
	won(t, s, false, "redeem at the expiry", redeemed("a", c.ExpiresAt))
	won(t, s, false, "redeem long after it", redeemed("a", c.ExpiresAt.Add(time.Hour)))
	won(t, s, false, "try of none", tried("none", 9, start))
	won(t, s, false, "redeem of none", redeemed("none", start))
	c.Tries = 3
	onTheWay(t, s, "1", authcore.PurposeLogin, &c)
	won(t, s, true, "redeem just in time", redeemed("a", last))
	won(t, s, false, "redeem again", redeemed("a", last))
	won(t, s, false, "redeem again, with the clock set back", redeemed("a", start))
	won(t, s, false, "try of a redeemed one", tried("a", 9, start))
	c.RedeemedAt = last
	onTheWay(t, s, "1", authcore.PurposeLogin, &c)
	put(t, s, sampleChallenge("b", "1"))
	won(t, s, true, "try of the next", tried("b", 1, start))
	won(t, s, true, "redeem the next", redeemed("b", start))
}
