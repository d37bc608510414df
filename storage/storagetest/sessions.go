package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func sessions(t *testing.T, open Open) {
	s := open(t, Opts{})
	now := start.Add(time.Hour)
	first, second, over, foreign := sampleSession("z", "1"), sampleSession("a", "1"), sampleSession("b", "1"), sampleSession("c", "2")
	over.ExpiresAt = now
	second.Agent, second.ClientDevice = "Mozilla/5.0 (X11; \"é\")", "c1"
	for _, id := range []string{"1", "2"} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser(id)) })
	}
	for _, x := range []authcore.Session{first, second, over, foreign} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateSession(x) })
	}
	listed := func(user string, want ...authcore.Session) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Sessions(user, now)
			same(t, "Sessions of "+user, got, append([]authcore.Session{}, want...))
			return err
		})
	}
	listed("1", second, first)
	listed("", foreign, second, first)
	listed("nobody")
	end := func(of authcore.Subject) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) {
			n, err := tx.EndSessions(of, now)
			return n == 1, err
		}
	}
	won(t, s, true, "end", end(authcore.Subject{Kind: authcore.SubjectSession, ID: "a"}))
	won(t, s, false, "end again", end(authcore.Subject{Kind: authcore.SubjectSession, ID: "a"}))
	won(t, s, false, "end of none", end(authcore.Subject{Kind: authcore.SubjectSession, ID: "none"}))
	listed("1", first)
	won(t, s, true, "end those of a user", end(authcore.Subject{Kind: authcore.SubjectUser, ID: foreign.UserID}))
	listed("", first)
	won(t, s, false, "end those of a device that has none", end(authcore.Subject{Kind: authcore.SubjectDevice, ID: "none"}))
	second.EndedAt = now
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.SessionByID("a")
		try(t, err)
		same(t, "an ended session", got, second)
		got, err = tx.SessionByID("b")
		try(t, err)
		same(t, "an expired session", got, over)
		_, err = tx.SessionByID("none")
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.CreateSession(first) })
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.CreateSession(sampleSession("n", "nobody")) })
}

// boundSessions: with a device end those that its codes opened and those that are
// bound to it, and no others.
func boundSessions(t *testing.T, open Open) {
	s := open(t, Opts{})
	now := start.Add(time.Minute)
	people(t, s, "1")
	for id, of := range map[string][2]string{"code": {"x", ""}, "bound": {"d1", "x"}, "both": {"x", "x"}, "other": {"d1", "y"}, "none": {"d1", ""}, "over": {"d1", "x"}} {
		x := sampleSession(id, "1")
		x.DeviceID, x.ClientDevice = of[0], of[1]
		if id == "over" {
			x.EndedAt = start
		}
		write(t, s, func(tx authcore.Tx) error { return tx.CreateSession(x) })
	}
	end := func(device string, want int64) {
		t.Helper()
		write(t, s, func(tx authcore.Tx) error {
			n, err := tx.EndSessions(authcore.Subject{Kind: authcore.SubjectDevice, ID: device}, now)
			same(t, "sessions ended with "+device, n, want)
			return err
		})
	}
	end("z", 0)
	end("", 0) // which is no device, and bound to none are many
	end("x", 3)
	end("x", 0)
	read(t, s, func(tx authcore.Tx) error {
		for id, want := range map[string]time.Time{"code": now, "bound": now, "both": now, "other": {}, "none": {}, "over": start} {
			x, err := tx.SessionByID(id)
			try(t, err)
			same(t, "end of "+id, x.EndedAt, want)
		}
		return nil
	})
}
