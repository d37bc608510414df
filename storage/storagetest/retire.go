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
		"app": authcore.KindMobile,
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
			if id == "app" {
				d.Status, d.Awaits, d.Enrolment = authcore.StatusPending, authcore.AwaitsKey, []byte("digest")
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
	won(t, s, false, "an app of before", func(tx authcore.Tx) (bool, error) {
		return tx.GiveKey("app", []byte("digest"), []byte("key"), start.Add(-time.Hour), now)
	})
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { _, err := tx.DeviceByEnrolment([]byte("digest")); return err })
	for id := range kinds {
		won(t, s, false, "a picture of before", taken("picture of "+id, start))
		won(t, s, false, "another one", pictured(samplePicture(id, "after")))
	}
	read(t, s, func(tx authcore.Tx) error {
		x, err := tx.SessionByID("s7")
		try(t, err)
		same(t, "end and epoch of a session", []any{x.EndedAt, x.Epoch}, []any{now, int64(3)})
		for id, want := range map[string]int64{"old": step + 1 + 2, "ahead": step + 100, "event": -1, "off": -1, "list": -1, "unused": -1, "phone": -1, "app": -1} {
			d, err := tx.DeviceByID(id)
			try(t, err)
			same(t, "counter of "+id, d.LastCounter, want)
			status := map[string]authcore.DeviceStatus{
				"event": authcore.StatusBlocked, "off": authcore.StatusDeactivated,
				"list": authcore.StatusBlocked, "unused": authcore.StatusPending, "app": authcore.StatusPending,
			}[id]
			if status == "" {
				status = authcore.StatusActive
			}
			same(t, "status of "+id, d.Status, status)
			if status == authcore.StatusBlocked {
				same(t, "epoch and version of "+id, []any{d.Epoch, d.Version, d.ChangedAt}, []any{int64(4), int64(2), now})
			}
			_, err = tx.Challenge("1", authcore.Purpose(id))
			wantCode(t, err, authcore.CodeNotFound)
		}
		return nil
	})
}

// retireRequests: after a restore nobody is let in by what waited before; what was
// decided stays, and a device that waits can be asked for anew.
func retireRequests(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	registered(t, s, "1", "", authcore.StatusPending, "waits", "late")
	registered(t, s, "1", "", authcore.StatusActive, "again", "in")
	registered(t, s, "1", "", authcore.StatusRejected, "out")
	now := start.Add(time.Hour)
	waits, late, again := sampleApproval("1", "waits", "1"), sampleApproval("2", "late", "1"), sampleApproval("3", "again", "1")
	in, out := sampleApproval("4", "in", "1"), sampleApproval("5", "out", "1")
	late.ExpiresAt = start.Add(time.Minute)
	asked(t, s, waits, late, again, in, out)
	won(t, s, true, "approve", decided("4", authcore.ApprovalApproved, start))
	won(t, s, true, "refuse", decided("5", authcore.ApprovalRefused, start))
	write(t, s, func(tx authcore.Tx) error {
		_, err := tx.Retire(0, now)
		return err
	})
	in.State, in.DecidedAt, out.State, out.DecidedAt = authcore.ApprovalApproved, start, authcore.ApprovalRefused, start
	for _, a := range []*authcore.Approval{&waits, &again} {
		a.Token, a.TokenExpiresAt, a.ExpiresAt = nil, now, now
	}
	for _, a := range []authcore.Approval{waits, late, again, in, out} {
		requestIs(t, s, a.DeviceID, &a)
	}
	for _, id := range []string{"1", "2", "3"} {
		won(t, s, false, "a try of a token of before", approvalTried(id, 5, now))
		won(t, s, false, "approval of what waited", decided(id, authcore.ApprovalApproved, now))
	}
	read(t, s, func(tx authcore.Tx) error {
		left, err := tx.Waiting("1", now)
		same(t, "what waits", left, []authcore.Approval{})
		try(t, err)
		for id, want := range map[string]authcore.DeviceStatus{"waits": authcore.StatusPending, "again": authcore.StatusActive, "out": authcore.StatusRejected} {
			d, err := tx.DeviceByID(id)
			try(t, err)
			same(t, "status of "+id, d.Status, want)
		}
		return nil
	})
	anew := sampleApproval("6", "waits", "1")
	anew.CreatedAt, anew.ExpiresAt = now, now.Add(time.Hour)
	asked(t, s, anew)
	won(t, s, true, "a new request", decided("6", authcore.ApprovalApproved, now))
}
