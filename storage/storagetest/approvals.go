package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func sampleApproval(id, device, user string) authcore.Approval {
	marks := sampleMarks("new " + device)
	return authcore.Approval{
		ID: id, DeviceID: device, UserID: user, AskedBy: "by " + id, Way: authcore.WayPhone, Token: []byte("k1\x00token"), State: authcore.ApprovalPending,
		Marks: marks, CreatedAt: start, TokenExpiresAt: start.Add(authcore.TokenLife), ExpiresAt: start.Add(24 * time.Hour),
	}
}

func asked(t *testing.T, s authcore.Store, all ...authcore.Approval) {
	t.Helper()
	for _, a := range all {
		write(t, s, func(tx authcore.Tx) error { return tx.PutApproval(a) })
	}
}

// requestIs checks what a device's newest request is; nil: it has none.
func requestIs(t *testing.T, s authcore.Store, device string, want *authcore.Approval) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Approval(device)
		if want == nil {
			wantCode(t, err, authcore.CodeNotFound)
			return nil
		}
		same(t, "request for "+device, got, *want)
		return err
	})
}

func decided(id string, to authcore.ApprovalState, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.DecideApproval(id, to, at) }
}

func approvalTried(id string, limit int, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.TryApproval(id, limit, at) }
}

func renewed(old string, a authcore.Approval, limit int) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.RenewApproval(old, a, limit) }
}

// approvals: a device has one request, the newest, which is decided once and in time.
func approvals(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	registered(t, s, "1", "", authcore.StatusPending, "c")
	registered(t, s, "2", "", authcore.StatusPending, "other")
	requestIs(t, s, "c", nil)
	first, foreign := sampleApproval("a", "c", "1"), sampleApproval("f", "other", "2")
	asked(t, s, first, foreign)
	requestIs(t, s, "c", &first)
	won(t, s, true, "a try", approvalTried("a", 5, start))
	won(t, s, true, "approve", decided("a", authcore.ApprovalApproved, start.Add(time.Second)))
	first.Tries, first.State, first.DecidedAt = 1, authcore.ApprovalApproved, start.Add(time.Second)
	requestIs(t, s, "c", &first)
	requestIs(t, s, "other", &foreign)
	for _, to := range []authcore.ApprovalState{authcore.ApprovalApproved, authcore.ApprovalRefused, authcore.ApprovalPending} {
		won(t, s, false, "decide again", decided("a", to, start))
	}

	second := authcore.Approval{
		ID: "b", DeviceID: "c", UserID: "2", Way: authcore.WayLiveness, Token: []byte{}, Tries: 3, State: authcore.ApprovalPending,
		Marks: authcore.Marks{}, CreatedAt: start.Add(time.Minute), ExpiresAt: start.Add(time.Hour),
	}
	asked(t, s, second) // another in every part
	second.SessionDigest, second.Session, second.Secret, second.PublicKey = []byte{}, []byte{}, []byte{}, []byte{}
	requestIs(t, s, "c", &second)
	won(t, s, false, "a try of one that was replaced", approvalTried("a", 5, start))
	won(t, s, false, "approve one that was replaced", decided("a", authcore.ApprovalApproved, start))
	won(t, s, false, "approve at the expiry", decided("b", authcore.ApprovalApproved, second.ExpiresAt))
	won(t, s, false, "refuse long after it", decided("b", authcore.ApprovalRefused, second.ExpiresAt.Add(time.Hour)))
	won(t, s, false, "approve none", decided("none", authcore.ApprovalApproved, start))
	last := second.ExpiresAt.Add(-time.Millisecond)
	won(t, s, true, "refuse just in time", decided("b", authcore.ApprovalRefused, last))
	second.State, second.DecidedAt = authcore.ApprovalRefused, last
	requestIs(t, s, "c", &second)
	put := func(a authcore.Approval) func(authcore.Tx) error {
		return func(tx authcore.Tx) error { return tx.PutApproval(a) }
	}
	conflict(t, s, map[string]func(authcore.Tx) error{
		"the ID of another": put(sampleApproval("f", "c", "1")),
		"no such device":    put(sampleApproval("new", "none", "1")),
		"no such user":      put(sampleApproval("new", "c", "nobody")),
	})
	requestIs(t, s, "c", &second)
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("2") })
	requestIs(t, s, "other", nil)
	requestIs(t, s, "c", nil) // he was to decide
}

// approvalTries: they are bounded, over all tokens of a request; of a refused one and
// of a late one there are none.
func approvalTries(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	registered(t, s, "1", "", authcore.StatusPending, "c")
	a := sampleApproval("a", "c", "1")
	last := a.ExpiresAt.Add(-time.Millisecond)
	refund := func(id string) {
		t.Helper()
		write(t, s, func(tx authcore.Tx) error { return tx.RefundApproval(id) })
	}
	asked(t, s, a)
	refund("a") // of nothing
	refund("none")
	won(t, s, false, "try when none is allowed", approvalTried("a", 0, start))
	for range 3 {
		won(t, s, true, "try", approvalTried("a", 3, last))
	}
	won(t, s, false, "try beyond the limit", approvalTried("a", 3, last))
	refund("a")
	won(t, s, true, "try after one was taken back", approvalTried("a", 3, last))
	won(t, s, false, "try at the expiry", approvalTried("a", 9, a.ExpiresAt))
	won(t, s, false, "try of none", approvalTried("none", 9, start))

	next := sampleApproval("b", "c", "1")
	next.Way, next.Token, next.TokenExpiresAt, next.Session = authcore.WayEmail, []byte("k1\x00next"), start.Add(time.Hour), []byte("k1\x00anew")
	won(t, s, false, "another token when the tries are used up", renewed("a", next, 3))
	won(t, s, false, "another token for none", renewed("none", next, 9))
	won(t, s, true, "another token", renewed("a", next, 4))
	a.ID, a.Way, a.Token, a.TokenExpiresAt, a.Session, a.Tries = next.ID, next.Way, next.Token, next.TokenExpiresAt, next.Session, 3
	requestIs(t, s, "c", &a) // all else stays
	won(t, s, false, "a try of the old token", approvalTried("a", 9, start))
	won(t, s, false, "approval by the old token", decided("a", authcore.ApprovalApproved, start))
	won(t, s, false, "another token for the old one", renewed("a", sampleApproval("z", "c", "1"), 9))
	refund("a")
	requestIs(t, s, "c", &a)

	won(t, s, true, "approve", decided("b", authcore.ApprovalApproved, start))
	won(t, s, true, "a try of an approved one", approvalTried("b", 9, start)) // its token gives the same answer
	won(t, s, false, "another token for an approved one", renewed("b", sampleApproval("z", "c", "1"), 9))
	asked(t, s, sampleApproval("c", "c", "1"))
	won(t, s, true, "refuse", decided("c", authcore.ApprovalRefused, start))
	won(t, s, false, "a try of a refused one", approvalTried("c", 9, start))
	won(t, s, false, "another token for a refused one", renewed("c", sampleApproval("z", "c", "1"), 9))
}

// waiting: who decides sees what he can decide, the oldest first.
func waiting(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	registered(t, s, "1", "", authcore.StatusPending, "z", "a", "over", "yes", "no", "again")
	registered(t, s, "2", "", authcore.StatusPending, "his")
	now := start.Add(time.Hour)
	old, young, over := sampleApproval("1", "z", "1"), sampleApproval("2", "a", "1"), sampleApproval("3", "over", "1")
	young.CreatedAt, over.ExpiresAt = start.Add(time.Minute), now
	again := sampleApproval("again-1", "again", "1")
	asked(t, s, again, young, old, over, sampleApproval("4", "yes", "1"), sampleApproval("5", "no", "1"), sampleApproval("6", "his", "2"))
	again.ID, again.CreatedAt = "again-2", start.Add(2*time.Minute)
	asked(t, s, again)
	won(t, s, true, "approve", decided("4", authcore.ApprovalApproved, start))
	won(t, s, true, "refuse", decided("5", authcore.ApprovalRefused, start))
	waits := func(user string, at time.Time, want ...authcore.Approval) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Waiting(user, at)
			same(t, "what waits for "+user, got, want)
			return err
		})
	}
	waits("1", now, old, young, again)
	waits("1", old.ExpiresAt.Add(-time.Millisecond), old, young, again)
	waits("1", old.ExpiresAt)
	waits("2", now, sampleApproval("6", "his", "2"))
	waits("nobody", now)
}

// verifierAsked: of one request a verifier is asked at most so often.
func verifierAsked(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	registered(t, s, "1", "", authcore.StatusPending, "c")
	asked(t, s, sampleApproval("a", "c", "1"))
	ask := func(id string, at time.Time) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.AskVerifier(id, at.Add(-5*time.Second), at) }
	}
	won(t, s, true, "the first time", ask("a", start))
	won(t, s, false, "at once", ask("a", start))
	won(t, s, false, "too soon", ask("a", start.Add(5*time.Second-time.Millisecond)))
	won(t, s, true, "in time", ask("a", start.Add(5*time.Second)))
	won(t, s, false, "of none", ask("none", start.Add(time.Hour)))
	won(t, s, true, "another request", renewed("a", sampleApproval("b", "c", "1"), 5))
	won(t, s, true, "which was not asked about", ask("b", start.Add(6*time.Second)))
	asked(t, s, sampleApproval("c", "c", "1"))
	won(t, s, true, "nor was the next", ask("c", start.Add(7*time.Second)))
	won(t, s, true, "approve", decided("c", authcore.ApprovalApproved, start))
	won(t, s, false, "of one that is decided", ask("c", start.Add(time.Hour)))
}
