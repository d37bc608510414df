package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func spent(device, digest string, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.ConsumeBackupCode(device, []byte(digest), at) }
}

func digests(all ...string) (list [][]byte) {
	for _, d := range all {
		list = append(list, []byte(d))
	}
	return list
}

// leftOver checks how many codes a device has, and when it was last used.
func leftOver(t *testing.T, s authcore.Store, device string, all, used int, last time.Time) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		gotAll, gotUsed, err := tx.BackupCodes(device)
		try(t, err)
		same(t, "codes of "+device, []int{gotAll, gotUsed}, []int{all, used})
		d, err := tx.DeviceByID(device)
		same(t, "last use of "+device, d.LastUsedAt, last)
		return err
	})
}

// backupCodes: each works once, on the device that it was made for, while that
// is active and until there is another list.
func backupCodes(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	never, once, later := time.Time{}, start.Add(time.Minute), start.Add(time.Hour)
	leftOver(t, s, "d1", 0, 0, never)
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.PutBackupCodes("d1", digests("a\x00", "b", "c")))
		return tx.PutBackupCodes("d2", digests("a\x00"))
	})
	won(t, s, false, "a code of another device", spent("d2", "b", once))
	won(t, s, false, "no code", spent("d1", "", once))
	won(t, s, false, "a code of no device", spent("none", "b", once))
	leftOver(t, s, "d1", 3, 0, never)
	leftOver(t, s, "d2", 1, 0, never)
	won(t, s, true, "a code", spent("d1", "a\x00", once))
	won(t, s, false, "the same code", spent("d1", "a\x00", later))
	leftOver(t, s, "d1", 3, 1, once)
	leftOver(t, s, "d2", 1, 0, never)
	for _, status := range []authcore.DeviceStatus{authcore.StatusPending, authcore.StatusBlocked, authcore.StatusDeactivated} {
		d := sampleDevice("d-"+string(status), "1")
		d.Status = status
		write(t, s, func(tx authcore.Tx) error {
			try(t, tx.CreateDevice(d))
			return tx.PutBackupCodes(d.ID, digests("a"))
		})
		won(t, s, false, "a code of a device that is "+string(status), spent(d.ID, "a", once))
		leftOver(t, s, d.ID, 1, 0, never)
	}
	write(t, s, func(tx authcore.Tx) error { return tx.PutBackupCodes("d1", digests("a\x00", "x")) })
	leftOver(t, s, "d1", 2, 0, once)
	won(t, s, false, "a code of the list before", spent("d1", "b", later))
	won(t, s, true, "a code of the new list", spent("d1", "a\x00", later))
	leftOver(t, s, "d1", 2, 1, later)
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.PutBackupCodes("d1", digests("y", "y")) })
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.PutBackupCodes("none", digests("y")) })
	leftOver(t, s, "d1", 2, 1, later)
	write(t, s, func(tx authcore.Tx) error { return tx.PutBackupCodes("d2", nil) })
	leftOver(t, s, "d2", 0, 0, never)
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("1") })
	people(t, s, "1")
	leftOver(t, s, "d1", 0, 0, never)
}

// removePending: only what never opened anything goes, with all that hangs on it.
func removePending(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	stays := []string{"d1"}
	for _, status := range []authcore.DeviceStatus{
		authcore.StatusBlocked, authcore.StatusDeactivated, authcore.StatusRejected, authcore.StatusActive, authcore.StatusPending,
	} {
		d, foreign := sampleDevice("1-"+string(status), "1"), sampleDevice("2-"+string(status), "2")
		d.Status, foreign.Status = status, status
		if status != authcore.StatusPending {
			stays = append(stays, d.ID)
		}
		write(t, s, func(tx authcore.Tx) error {
			try(t, tx.CreateDevice(d))
			return tx.CreateDevice(foreign)
		})
	}
	vouched := sampleDevice("1-vouched", "1") // it waits for the codes of an integrator
	vouched.Status, vouched.Awaits = authcore.StatusPending, authcore.AwaitsCodes
	stays = append(stays, vouched.ID)
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range []string{"1-pending", "1-blocked"} {
			try(t, tx.SetAttributes(authcore.Subject{Kind: authcore.SubjectDevice, ID: id}, "x", authcore.Attributes{"n": "v"}))
		}
		return tx.CreateDevice(vouched)
	})
	gone := reserved(t, s, authcore.AttemptDevice, "1-pending", 9, start)
	kept := reserved(t, s, authcore.AttemptDevice, "1-blocked", 9, start)
	sent := sampleChallenge("a", "1")
	sent.DeviceID = "1-pending"
	put(t, s, sent)
	for _, want := range []int64{1, 0} {
		write(t, s, func(tx authcore.Tx) error {
			n, err := tx.RemovePending("1")
			same(t, "removed devices", n, want)
			return err
		})
	}
	counted(t, s, map[authcore.AttemptKey]int{gone: 0, kept: 1})
	attributed(t, s, "1-pending", "x", nil)
	attributed(t, s, "1-blocked", "x", authcore.Attributes{"n": "v"})
	onTheWay(t, s, "1", authcore.PurposeLogin, nil)
	read(t, s, func(tx authcore.Tx) error {
		left, err := tx.Devices("", "1")
		try(t, err)
		ids := []string{}
		for _, d := range left {
			ids = append(ids, d.ID)
		}
		same(t, "devices that stay", ids, stays)
		_, err = tx.DeviceByID("2-pending")
		return err
	})
}
