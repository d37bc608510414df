package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func audit(t *testing.T, open Open) {
	s := open(t, Opts{})
	older := authcore.Event{
		At: start, Node: "n1", Actor: "user:1", Action: "login.code", Outcome: authcore.OutcomeRefused, Reason: "wrong code",
		Tenant: "default", UserID: "1", DeviceID: "d1", SessionID: "s1", Factor: "totp", Address: "192.0.2.1", RequestID: "r1",
	}
	newer := authcore.Event{At: start.Add(-time.Hour), Action: "device.block", Outcome: authcore.OutcomeOK} // a clock may go back
	for _, e := range []authcore.Event{older, newer} {
		write(t, s, func(tx authcore.Tx) error { return tx.AppendEvent(e) })
	}
	for limit, want := range [][]authcore.Event{{}, {newer}, {newer, older}, {newer, older}} {
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Events(limit)
			same(t, fmt.Sprintf("Events(%d)", limit), got, want)
			return err
		})
	}
}

// prune runs Prune and wants it to remove so many rows, and none the next time.
func prune(t *testing.T, s authcore.Store, r authcore.Retention, want int64) {
	t.Helper()
	for _, want := range []int64{want, 0} {
		write(t, s, func(tx authcore.Tx) error {
			n, err := tx.Prune(r)
			same(t, "rows removed", n, want)
			return err
		})
	}
}

func reserved(t *testing.T, s authcore.Store, kind authcore.AttemptKind, subject string, inARow int, at time.Time) authcore.AttemptKey {
	t.Helper()
	key := authcore.AttemptKey{Kind: kind, Subject: subject}
	limit := authcore.AttemptLimit{InARow: inARow, Window: time.Hour, Pause: 24 * time.Hour}
	won(t, s, true, "try", func(tx authcore.Tx) (bool, error) { return tx.Reserve(key, limit, at) })
	return key
}

// counted checks which of the keys still have a counter.
func counted(t *testing.T, s authcore.Store, want map[authcore.AttemptKey]int) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		for key, total := range want {
			got, err := tx.Attempts(key)
			try(t, err)
			same(t, fmt.Sprintf("tries of %v", key), got.Total, total)
		}
		return nil
	})
}

func pruneByAge(t *testing.T, open Open) {
	s := open(t, Opts{})
	old, now := start.Add(-time.Hour), start
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateUser(sampleUser("1")))
		for i, end := range []time.Time{old, start} {
			x := sampleSession(fmt.Sprint("s", i), "1")
			x.ExpiresAt = end
			try(t, tx.CreateSession(x))
			try(t, tx.AppendEvent(authcore.Event{At: end, Action: fmt.Sprint(i)}))
			_, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: "1"}, end)
			try(t, err)
		}
		try(t, tx.CreateDevice(sampleDevice("d1", "1")))
		for purpose, end := range map[authcore.Purpose]time.Time{"ended": now, "used": now.Add(time.Hour), "alive": now.Add(time.Millisecond)} {
			c := sampleChallenge(string(purpose), "1")
			c.Purpose, c.ExpiresAt = purpose, end
			try(t, tx.PutChallenge(c))
		}
		_, err := tx.RedeemChallenge("used", old)
		return err
	})
	want := map[authcore.AttemptKey]int{
		reserved(t, s, authcore.AttemptSendUser, "user-id", 9, old):        0,
		reserved(t, s, authcore.AttemptSendNumber, "n", 9, old):            0,
		reserved(t, s, authcore.AttemptSendAddress, "a", 9, old):           0,
		reserved(t, s, authcore.AttemptSendUser, "paused", 1, old):         1,
		reserved(t, s, authcore.AttemptSendNumber, "young", 9, start):      1,
		reserved(t, s, authcore.AttemptPassword, "user-id", 9, old):        0,
		reserved(t, s, authcore.AttemptPassword, "name:x", 9, old):         0,
		reserved(t, s, authcore.AttemptPasswordAddress, "a", 9, old):       0,
		reserved(t, s, authcore.AttemptPasswordAddress, "paused", 1, old):  1, // a pause is served
		reserved(t, s, authcore.AttemptPasswordAddress, "young", 9, start): 1,
		reserved(t, s, authcore.AttemptDevice, "d1", 9, old):               1, // counts for good
	}
	prune(t, s, authcore.Retention{
		Now: now, AuditBefore: start, AttemptBefore: start, SessionBefore: start, EpochBefore: start,
	}, 1+1+1+6+2)
	for purpose, stays := range map[authcore.Purpose]bool{"ended": false, "used": false, "alive": true} {
		read(t, s, func(tx authcore.Tx) error {
			_, err := tx.Challenge("1", purpose)
			same(t, string(purpose)+" stays", err == nil, stays)
			return nil
		})
	}
	counted(t, s, want)
	read(t, s, func(tx authcore.Tx) error {
		events, err := tx.Events(10)
		try(t, err)
		same(t, "events", len(events), 1)
		_, err = tx.SessionByID("s0")
		wantCode(t, err, authcore.CodeNotFound)
		_, err = tx.SessionByID("s1")
		try(t, err)
		changes, _, err := tx.EpochsSince(ever)
		same(t, "feed", changes, []authcore.EpochChange{change(authcore.SubjectUser, "1", 2)})
		return err
	})
}

func pruneBySize(t *testing.T, open Open) {
	s := open(t, Opts{})
	for i := range 5 {
		write(t, s, func(tx authcore.Tx) error { return tx.AppendEvent(authcore.Event{At: start, Action: fmt.Sprint(i)}) })
	}
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	want := map[authcore.AttemptKey]int{
		reserved(t, s, authcore.AttemptDevice, "d1", 9, at(0)):                  1,
		reserved(t, s, authcore.AttemptPassword, "user-id", 9, at(0)):           1, // a flood of names can't push out a real user
		reserved(t, s, authcore.AttemptSendUser, "user-id", 9, at(0)):           1,
		reserved(t, s, authcore.AttemptSendNumber, "n", 9, at(0)):               0,
		reserved(t, s, authcore.AttemptSendAddress, "a", 9, at(0)):              0,
		reserved(t, s, authcore.AttemptPassword, "name:oldest", 9, at(1)):       0,
		reserved(t, s, authcore.AttemptPasswordAddress, "name:older", 9, at(2)): 0,
		reserved(t, s, authcore.AttemptPassword, "name:newer", 9, at(3)):        1,
		reserved(t, s, authcore.AttemptPasswordAddress, "newest", 9, at(4)):     1,
	}
	prune(t, s, authcore.Retention{Now: start, AuditRows: 2, AttemptRows: 2}, 3+4)
	counted(t, s, want)
	read(t, s, func(tx authcore.Tx) error {
		events, err := tx.Events(10)
		try(t, err)
		same(t, "events left", []string{events[0].Action, events[1].Action}, []string{"4", "3"})
		return nil
	})
}

func pruneUnbounded(t *testing.T, open Open) {
	s := open(t, Opts{})
	write(t, s, func(tx authcore.Tx) error { return tx.AppendEvent(authcore.Event{At: start, Action: "a"}) })
	key := reserved(t, s, authcore.AttemptPasswordAddress, "a", 9, start)
	prune(t, s, authcore.Retention{Now: start.Add(1000 * time.Hour)}, 0)
	counted(t, s, map[authcore.AttemptKey]int{key: 1})
}
