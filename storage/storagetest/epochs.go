package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func bump(t *testing.T, s authcore.Store, kind authcore.SubjectKind, id string, want int64) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		got, err := tx.BumpEpoch(authcore.Subject{Kind: kind, ID: id}, start)
		same(t, "epoch of "+string(kind), got, want)
		return err
	})
}

func change(kind authcore.SubjectKind, id string, epoch int64) authcore.EpochChange {
	return authcore.EpochChange{Subject: authcore.Subject{Kind: kind, ID: id}, Epoch: epoch}
}

func epochs(t *testing.T, open Open) {
	s := open(t, Opts{})
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateUser(sampleUser("1")))
		try(t, tx.CreateDevice(sampleDevice("d1", "1")))
		return tx.CreateSession(sampleSession("s1", "1"))
	})
	bump(t, s, authcore.SubjectUser, "1", 1)
	bump(t, s, authcore.SubjectUser, "1", 2)
	bump(t, s, authcore.SubjectDevice, "d1", 4)
	bump(t, s, authcore.SubjectSession, "s1", 3)
	bump(t, s, authcore.SubjectKeys, "", 1)
	bump(t, s, authcore.SubjectKeys, "", 2)
	for _, kind := range []authcore.SubjectKind{authcore.SubjectUser, authcore.SubjectDevice, authcore.SubjectSession} {
		refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error {
			_, err := tx.BumpEpoch(authcore.Subject{Kind: kind, ID: "none"}, start)
			return err
		})
	}
	refused(t, s, authcore.CodeInternal, func(tx authcore.Tx) error {
		_, err := tx.BumpEpoch(authcore.Subject{Kind: "nonsense", ID: "1"}, start)
		return err
	})
	write(t, s, func(tx authcore.Tx) error { // pruning the feed sets no epoch back
		_, err := tx.Prune(authcore.Retention{Now: start, EpochBefore: start.Add(time.Hour)})
		return err
	})
	bump(t, s, authcore.SubjectUser, "1", 3)
	bump(t, s, authcore.SubjectKeys, "", 3)
	read(t, s, func(tx authcore.Tx) error {
		u, err := tx.UserByID("1")
		try(t, err)
		d, err := tx.DeviceByID("d1")
		try(t, err)
		x, err := tx.SessionByID("s1")
		same(t, "epochs of the subjects", []int64{u.Epoch, d.Epoch, x.Epoch}, []int64{3, 4, 3})
		return err
	})
}

func epochFeed(t *testing.T, open Open) {
	s := open(t, Opts{})
	for _, id := range []string{"1", "2"} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser(id)) })
	}
	bump(t, s, authcore.SubjectUser, "1", 1)
	var cursor authcore.Cursor
	read(t, s, func(tx authcore.Tx) error { // the present, without what led to it
		changes, now, err := tx.EpochsSince(cursor)
		same(t, "changes before the present", changes, []authcore.EpochChange(nil))
		cursor = now
		return err
	})
	// Every change must be listed; an older one may be listed again.
	feed := func(want ...authcore.EpochChange) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, next, err := tx.EpochsSince(cursor)
			try(t, err)
			for _, w := range want {
				if !contains(got, w) {
					t.Errorf("the feed since %v misses %v: %v", cursor, w, got)
				}
			}
			if next.Database != cursor.Database {
				t.Errorf("the cursor is of another run: %v, then %v", cursor, next)
			}
			cursor = next
			return nil
		})
	}
	feed()
	bump(t, s, authcore.SubjectUser, "1", 2)
	bump(t, s, authcore.SubjectKeys, "", 1)
	feed(change(authcore.SubjectUser, "1", 2), change(authcore.SubjectKeys, "", 1))
	bump(t, s, authcore.SubjectUser, "2", 1)
	feed(change(authcore.SubjectUser, "2", 1))
	write(t, s, func(tx authcore.Tx) error {
		_, err := tx.Prune(authcore.Retention{Now: start, EpochBefore: start.Add(time.Hour)})
		return err
	})
	feed()
	bump(t, s, authcore.SubjectUser, "1", 3) // noted after the feed was empty
	feed(change(authcore.SubjectUser, "1", 3))
	lateCommit(t, s, feed)
}

// lateCommit: a change that was made first but is committed last is listed.
func lateCommit(t *testing.T, s authcore.Store, feed func(...authcore.EpochChange)) {
	t.Helper()
	bumped, polled, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.Write(t.Context(), func(tx authcore.Tx) error {
			_, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: "1"}, start)
			close(bumped)
			<-polled
			return err
		})
	}()
	<-bumped
	feed()
	close(polled)
	try(t, <-done)
	feed(change(authcore.SubjectUser, "1", 4))
}

// replaced: a cursor of another run of the database lists all that may have been
// missed, and no more than that.
func replaced(t *testing.T, open Open) {
	s := open(t, Opts{})
	for id, at := range map[string]time.Time{"1": start.Add(-2 * time.Hour), "2": start.Add(-30 * time.Minute), "3": start.Add(time.Minute)} {
		write(t, s, func(tx authcore.Tx) error {
			try(t, tx.CreateUser(sampleUser(id)))
			_, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: id}, at)
			return err
		})
	}
	read(t, s, func(tx authcore.Tx) error {
		_, here, err := tx.EpochsSince(authcore.Cursor{})
		if err != nil {
			return err
		}
		// In this run nothing comes after its position.
		got, next, err := tx.EpochsSince(authcore.Cursor{Database: "another run", Position: here.Position, Clock: start})
		old := change(authcore.SubjectUser, "1", 1)
		if contains(got, old) || !contains(got, change(authcore.SubjectUser, "2", 1)) || !contains(got, change(authcore.SubjectUser, "3", 1)) {
			t.Errorf("the feed after another run: %v", got)
		}
		if next.Database != here.Database {
			t.Errorf("the cursor stays in the other run: %v", next)
		}
		return err
	})
}

// ever is a cursor that lists the whole feed: it is of no run of the database.
var ever = authcore.Cursor{Database: "another run", Clock: start.AddDate(-10, 0, 0)}

func contains(list []authcore.EpochChange, c authcore.EpochChange) bool {
	for _, x := range list {
		if x == c {
			return true
		}
	}
	return false
}
