package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// marked checks which of a user's devices have Device.Notified.
func marked(t *testing.T, s authcore.Store, user string, want ...string) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		devices, err := tx.Devices(authcore.DefaultTenant, user)
		var got []string
		for _, d := range devices {
			if d.Notified {
				got = append(got, d.ID)
			}
		}
		same(t, "where "+user+" is told", got, want)
		return err
	})
}

// notified: one device of a user at most has the mark, and loses it with its user and
// when it is retired.
func notified(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateDevice(sampleDevice("a", "1")))
		return tx.CreateDevice(sampleDevice("b", "1"))
	})
	at := start.Add(time.Minute)
	mark := func(id string, notified bool) {
		t.Helper()
		write(t, s, func(tx authcore.Tx) error { return tx.SetNotified(id, notified, at) })
	}
	mark("a", true)
	mark("d2", true)
	mark("a", true)
	marked(t, s, "1", "a")
	mark("b", true)
	marked(t, s, "1", "b")
	marked(t, s, "2", "d2")
	read(t, s, func(tx authcore.Tx) error {
		for id, want := range map[string][]any{"a": {int64(2), at}, "b": {int64(1), time.Time{}}, "d1": {int64(1), time.Time{}}} {
			d, err := tx.DeviceByID(id)
			try(t, err)
			same(t, "version of "+id, []any{d.Version, d.ChangedAt}, want)
		}
		return nil
	})
	mark("d1", false)
	marked(t, s, "1", "b")
	mark("b", false)
	marked(t, s, "1")
	mark("b", true)
	won(t, s, true, "assign", assigned("b", "1", "2"))
	marked(t, s, "1")
	marked(t, s, "2", "d2")
	mark("a", true)
	won(t, s, true, "block", moved("a", authcore.StatusBlocked, authcore.StatusActive))
	marked(t, s, "1", "a")
	won(t, s, true, "deactivate", moved("a", authcore.StatusDeactivated, authcore.StatusBlocked))
	marked(t, s, "1")
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.SetNotified("none", true, at) })
}

func moved(id string, to authcore.DeviceStatus, from ...authcore.DeviceStatus) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.MoveDevice(id, to, from...) }
}

// parallelMarks: of many who mark devices of one user at once, some win, and one device has
// the mark.
func parallelMarks(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	people(t, s, "1")
	ids := []string{"a", "b", "c", "d1"}
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range ids[:3] {
			try(t, tx.CreateDevice(sampleDevice(id, "1")))
		}
		return nil
	})
	next := make(chan string, 100)
	for i := range cap(next) {
		next <- ids[i%len(ids)]
	}
	wins := parallel(t, cap(next), func() (bool, error) {
		return decide(s, func(tx authcore.Tx) (bool, error) {
			if err := tx.LockUser("1"); err != nil {
				return false, err
			}
			return true, tx.SetNotified(<-next, true, start)
		})
	})
	same(t, "marks", wins, int64(cap(next)))
	one := func() (n int) {
		read(t, s, func(tx authcore.Tx) error {
			devices, err := tx.Devices(authcore.DefaultTenant, "1")
			for _, d := range devices {
				if d.Notified {
					n++
				}
			}
			return err
		})
		return n
	}
	same(t, "devices with the mark", one(), 1)
	// Who does not hold the user may fail, and never leaves two.
	errs := make(chan error, len(ids))
	for _, id := range ids {
		go func() {
			errs <- s.Write(context.Background(), func(tx authcore.Tx) error { return tx.SetNotified(id, true, start) })
		}()
	}
	for range ids {
		if err := <-errs; err != nil && !slices.Contains([]authcore.Code{authcore.CodeConflict, authcore.CodeUnavailable}, authcore.CodeOf(err)) {
			t.Error(err)
		}
	}
	same(t, "devices with the mark, again", one(), 1)
}
