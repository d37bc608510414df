package storagetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func assigned(id, from, to string) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.AssignDevice(id, from, to) }
}

// his checks which devices a user has, in order.
func his(t *testing.T, s authcore.Store, user string, want ...string) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		devices, err := tx.Devices(authcore.DefaultTenant, user)
		var got []string
		for _, d := range devices {
			got = append(got, d.ID)
		}
		same(t, "devices of "+user, got, want)
		return err
	})
}

// assignments: a device goes from whom it is said to be of, and is the last of
// whom it goes to.
func assignments(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	stock := sampleDevice("k", "")
	stock.Name, stock.PIN, stock.Epoch = "his", []byte("sealed"), 9
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateDevice(stock))
		try(t, tx.CreateDevice(sampleDevice("b", "1")))
		return tx.CreateDevice(sampleDevice("a", "1"))
	})
	his(t, s, "1", "d1", "b", "a")
	for _, from := range []string{"1", "2", "nobody"} {
		won(t, s, false, "a device in stock from "+from, assigned("k", from, "2"))
	}
	won(t, s, false, "a device of another from stock", assigned("b", "", "2"))
	won(t, s, false, "a device of another", assigned("b", "2", "2"))
	won(t, s, false, "no device", assigned("none", "", "1"))
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error {
		_, err := tx.AssignDevice("k", "", "nobody")
		return err
	})
	his(t, s, "1", "d1", "b", "a")
	won(t, s, true, "from stock", assigned("k", "", "1"))
	his(t, s, "1", "d1", "b", "a", "k")
	won(t, s, true, "to another", assigned("b", "1", "2"))
	his(t, s, "1", "d1", "a", "k")
	his(t, s, "2", "d2", "b")
	won(t, s, true, "to stock", assigned("d1", "1", ""))
	won(t, s, false, "to stock again", assigned("d1", "1", ""))
	won(t, s, true, "back from stock", assigned("d1", "", "1"))
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(sampleDevice("0", "1")) })
	his(t, s, "1", "a", "k", "d1", "0")
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.DeviceByID("k")
		stock.Name, stock.UserID = "", "1" // all else stays
		same(t, "an assigned device", got, stock)
		return err
	})
	won(t, s, true, "the last one away", assigned("0", "1", ""))
	won(t, s, true, "and the next one comes", assigned("b", "2", "1"))
	his(t, s, "1", "a", "k", "d1", "b")
}

// assignedWith: what was on its way to a device does not reach its next owner, or
// its last one.
func assignedWith(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(sampleDevice("stock", "")) })
	stays := sampleChallenge("stays", "2")
	put(t, s, sampleChallenge("c", "1"), stays)
	won(t, s, false, "who has it not", assigned("d1", "2", "1"))
	onTheWay(t, s, "2", authcore.PurposeLogin, &stays)
	first := sampleChallenge("c", "1")
	onTheWay(t, s, "1", authcore.PurposeLogin, &first)
	for device, digest := range map[string]string{"d1": "untaken", "d2": "taken", "stock": "in stock"} {
		won(t, s, true, digest, pictured(samplePicture(device, digest)))
	}
	won(t, s, true, "its reader", taken("taken", start))
	won(t, s, true, "to another", assigned("d1", "1", "2"))
	won(t, s, true, "to stock", assigned("d2", "2", ""))
	won(t, s, true, "from stock", assigned("stock", "", "1"))
	onTheWay(t, s, "1", authcore.PurposeLogin, nil)
	onTheWay(t, s, "2", authcore.PurposeLogin, nil)
	won(t, s, false, "the picture of who had it", taken("untaken", start))
	won(t, s, false, "a picture after one that was read", pictured(samplePicture("d2", "again")))
	won(t, s, true, "the picture of what was nobody's", taken("in stock", start))
}

// parallelAssigns: of many who are given one device one gets it, and of many
// devices that are given to one user none is lost.
func parallelAssigns(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	people(t, s, "1", "2")
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(sampleDevice("k", "")) })
	var n atomic.Int64
	wins := parallel(t, 200, func() (bool, error) { return decide(s, assigned("k", "", fmt.Sprint(1+n.Add(1)%2))) })
	same(t, "winners of 200", wins, int64(1))
	read(t, s, func(tx authcore.Tx) error {
		devices, err := tx.Devices(authcore.DefaultTenant, "")
		same(t, "devices in all", len(devices), 3)
		return err
	})
}

// removeDevice: a device goes with all that belongs to it, and nothing of another.
func removeDevice(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	for _, id := range []string{"d1", "d2"} {
		device := authcore.Subject{Kind: authcore.SubjectDevice, ID: id}
		reserved(t, s, authcore.AttemptDevice, id, 9, start)
		put(t, s, sampleChallenge("c"+id, id[1:]))
		won(t, s, true, "a picture", pictured(samplePicture(id, "picture of "+id)))
		write(t, s, func(tx authcore.Tx) error {
			try(t, tx.PutBackupCodes(id, digests("a")))
			return tx.SetAttributes(device, "x", authcore.Attributes{"n": "v"})
		})
	}
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveDevice("d1") })
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.RemoveDevice("d1") })
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.RemoveDevice("") })
	his(t, s, "1")
	onTheWay(t, s, "1", authcore.PurposeLogin, nil)
	attributed(t, s, "d1", "x", nil)
	read(t, s, func(tx authcore.Tx) error {
		codes, _, err := tx.BackupCodes("d1")
		same(t, "backup codes", codes, 0)
		return err
	})
	won(t, s, false, "the picture", taken("picture of d1", start))
	stays := sampleChallenge("cd2", "2")
	onTheWay(t, s, "2", authcore.PurposeLogin, &stays)
	attributed(t, s, "d2", "x", authcore.Attributes{"n": "v"})
	won(t, s, true, "the picture of another", taken("picture of d2", start))
	counted(t, s, map[authcore.AttemptKey]int{
		{Kind: authcore.AttemptDevice, Subject: "d1"}: 0, {Kind: authcore.AttemptDevice, Subject: "d2"}: 1,
	})
	next := sampleDevice("next", "2")
	next.Serial = "SN-d1"
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(next) })
}
