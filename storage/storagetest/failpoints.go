package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// login is what a login writes, for the user with this id.
func login(id string) func(authcore.Tx) error {
	return func(tx authcore.Tx) error {
		if err := tx.CreateUser(sampleUser(id)); err != nil {
			return err
		}
		if err := tx.CreateDevice(sampleDevice("d"+id, id)); err != nil {
			return err
		}
		key := authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d" + id}
		if _, err := tx.Reserve(key, authcore.DefaultLimits().Device, start); err != nil {
			return err
		}
		if ok, err := tx.ConsumeCounter("d"+id, 5, 0, start); err != nil || !ok {
			return fmt.Errorf("consumed %v: %w", ok, err)
		}
		if err := tx.CreateSession(sampleSession("s"+id, id)); err != nil {
			return err
		}
		if _, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: id}, start); err != nil {
			return err
		}
		return tx.AppendEvent(authcore.Event{At: start, Action: "login", UserID: id})
	}
}

// traces counts what login left behind, at most 6.
func traces(t *testing.T, s authcore.Store, id string) (n int) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		found := func(err error) {
			if err == nil {
				n++
			} else {
				wantCode(t, err, authcore.CodeNotFound)
			}
		}
		_, err := tx.UserByLogin("default", id+"@example.com")
		found(err)
		_, err = tx.DeviceByID("d" + id)
		found(err)
		_, err = tx.SessionByID("s" + id)
		found(err)
		tries, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d" + id})
		try(t, err)
		n += tries.Total
		changes, _, err := tx.EpochsSince(ever)
		try(t, err)
		if contains(changes, change(authcore.SubjectUser, id, 1)) {
			n++
		}
		events, err := tx.Events(1000)
		try(t, err)
		for _, e := range events {
			if e.UserID == id {
				n++
			}
		}
		return nil
	})
	return n
}

// failpoints lets the n-th call to the driver fail, for every n: each failure
// is reported, and the state is the whole transaction or nothing of it.
func failpoints(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, CallTimeout: 10 * time.Second})
	failures := 0
	for n := 1; ; n++ {
		id := fmt.Sprint(n)
		faults.FailNext(n, nil)
		err := s.Write(t.Context(), login(id))
		pending := faults.Pending()
		faults.Reset()
		if pending { // there are fewer calls than n: nothing failed
			try(t, err)
			same(t, "traces of a login", traces(t, s, id), 6)
			break
		}
		failures++
		wantCode(t, err, authcore.CodeUnavailable)
		same(t, fmt.Sprintf("traces after a failure of call %d", n), traces(t, s, id), 0)
	}
	if failures < 12 { // begin, ten statements, commit
		t.Errorf("only %d calls failed", failures)
	}
	failingReads(t, s, faults)
}

func failingReads(t *testing.T, s authcore.Store, faults *Faults) {
	t.Helper()
	for n := 1; ; n++ {
		faults.FailNext(n, nil)
		err := s.Read(t.Context(), func(tx authcore.Tx) error {
			if _, err := tx.Users(""); err != nil {
				return err
			}
			_, err := tx.Devices("default", "")
			return err
		})
		pending := faults.Pending()
		faults.Reset()
		if pending {
			try(t, err)
			if n-1 < 4 { // begin, two statements, commit
				t.Errorf("only %d calls of a read failed", n-1)
			}
			return
		}
		wantCode(t, err, authcore.CodeUnavailable)
	}
}
