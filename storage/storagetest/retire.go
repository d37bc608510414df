package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// retire: after a restore nothing that was used up or open counts any more, in
// tables of any size and with gaps in their numbers.
func retire(t *testing.T, open Open) {
	s := open(t, Opts{})
	now := start.Add(17 * time.Second)
	step := now.Unix() / 60
	kinds := map[string]authcore.DeviceKind{
		"old": authcore.KindTOTP, "ahead": authcore.KindTOTP, "event": authcore.KindHOTP, "off": authcore.KindHOTP,
		"list": authcore.KindBackup, "unused": authcore.KindBackup, "phone": authcore.KindPhone,
	}
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateUser(sampleUser("1")))
		for id, kind := range kinds {
			d := sampleDevice(id, "1")
			if d.Kind = kind; id == "ahead" {
				d.LastCounter = step + 100
			}
			if id == "old" {
				d.Drift = 2 // its clock is ahead
			}
			if id == "off" {
				d.Status = authcore.StatusDeactivated
			}
			if id == "unused" {
				d.Status = authcore.StatusPending
			}
			try(t, tx.CreateDevice(d))
			c := sampleChallenge(id, "1")
			c.DeviceID, c.Purpose = id, authcore.Purpose(id)
			try(t, tx.PutChallenge(c))
			_, err := tx.PutPicture(samplePicture(id, "picture of "+id))
			try(t, err)
		}
		for i := range 20 {
			try(t, tx.CreateSession(sampleSession(fmt.Sprint("s", i), "1")))
		}
		for i := range 20 { // more than the other tables have
			try(t, tx.CreateUser(sampleUser(fmt.Sprint("i", i))))
			try(t, tx.PutInvite(sampleInvite(fmt.Sprint("i", i), "t")))
		}
		_, err := tx.ConsumeInvite("i0", []byte("t"), start)
		try(t, err)
		_, err = tx.EndSessions(authcore.Subject{Kind: authcore.SubjectSession, ID: "s0"}, start)
		return err
	})
	var sum authcore.Retired
	for from, calls := int64(0), 0; from != 0 || calls == 0; calls++ {
		write(t, s, func(tx authcore.Tx) error {
			r, err := tx.Retire(from, now)
			sum.Sessions, sum.TOTP = sum.Sessions+r.Sessions, sum.TOTP+r.TOTP
			sum.HOTP, sum.Backup = sum.HOTP+r.HOTP, sum.Backup+r.Backup
			if r.Next != 0 && r.Next <= from {
				t.Fatalf("the batch after %d begins at %d", from, r.Next)
			}
			from = r.Next
			return err
		})
	}
	same(t, "retired", sum, authcore.Retired{Sessions: 19, TOTP: 1, HOTP: 1, Backup: 1})
	for _, user := range []string{"i0", "i1", "i19"} {
		won(t, s, false, "an invitation of before", invited(user, "t", start))
	}
	for id := range kinds {
		won(t, s, false, "a picture of before", taken("picture of "+id, start))
		won(t, s, false, "another one", pictured(samplePicture(id, "after")))
	}
	read(t, s, func(tx authcore.Tx) error {
		x, err := tx.SessionByID("s7")
		try(t, err)
		same(t, "end and epoch of a session", []any{x.EndedAt, x.Epoch}, []any{now, int64(3)})
		for id, want := range map[string]int64{"old": step + 1 + 2, "ahead": step + 100, "event": -1, "off": -1, "list": -1, "unused": -1, "phone": -1} {
			d, err := tx.DeviceByID(id)
			try(t, err)
			same(t, "counter of "+id, d.LastCounter, want)
			status := map[string]authcore.DeviceStatus{
				"event": authcore.StatusBlocked, "off": authcore.StatusDeactivated,
				"list": authcore.StatusBlocked, "unused": authcore.StatusPending,
			}[id]
			if status == "" {
				status = authcore.StatusActive
			}
			same(t, "status of "+id, d.Status, status)
			if status == authcore.StatusBlocked {
				same(t, "epoch of "+id, d.Epoch, int64(4))
			}
			_, err = tx.Challenge("1", authcore.Purpose(id))
			wantCode(t, err, authcore.CodeNotFound)
		}
		return nil
	})
}
