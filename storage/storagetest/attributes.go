package storagetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// attributed checks what a dialect knows of a device.
func attributed(t *testing.T, s authcore.Store, device, dialect string, want authcore.Attributes) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Attributes(authcore.Subject{Kind: authcore.SubjectDevice, ID: device}, dialect)
		same(t, "what "+dialect+" knows of "+device, got, want)
		return err
	})
}

// attributes: each is of one owner and one dialect.
func attributes(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	user, device := authcore.Subject{Kind: authcore.SubjectUser, ID: "1"}, authcore.Subject{Kind: authcore.SubjectDevice, ID: "1"}
	set := func(of authcore.Subject, dialect string, a authcore.Attributes) {
		t.Helper()
		write(t, s, func(tx authcore.Tx) error { return tx.SetAttributes(of, dialect, a) })
	}
	listed := func(of authcore.Subject, dialect string, want authcore.Attributes) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Attributes(of, dialect)
			same(t, fmt.Sprint("attributes of ", of, " for ", dialect), got, want)
			return err
		})
	}
	listed(user, "x", authcore.Attributes{})
	set(user, "x", authcore.Attributes{"first": "Алиса", "last": "", "дом": "7"})
	set(user, "y", authcore.Attributes{"first": "y's"})
	set(device, "x", authcore.Attributes{"first": "the device's"})
	set(user, "x", authcore.Attributes{"last": "O'Hara\n%", "type": "1"})
	set(user, "x", nil)
	listed(user, "x", authcore.Attributes{"first": "Алиса", "last": "O'Hara\n%", "дом": "7", "type": "1"})
	listed(user, "y", authcore.Attributes{"first": "y's"})
	listed(device, "x", authcore.Attributes{"first": "the device's"})
	listed(device, "y", nil)
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.AttributesOf(authcore.SubjectUser, []string{"1", "2"}, "y")
		same(t, "attributes of many", got, map[string]authcore.Attributes{"1": {"first": "y's"}, "2": {}})
		return err
	})

	claim := func(of authcore.Subject, dialect, value string) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.ClaimAttribute(of, dialect, "first", value) }
	}
	won(t, s, false, "claim of what is there", claim(device, "x", "mine"))
	won(t, s, true, "claim of what is there, the same", claim(device, "x", "the device's"))
	won(t, s, true, "claim for another dialect", claim(device, "y", "mine"))
	won(t, s, true, "claim again", claim(device, "y", "mine"))
	won(t, s, false, "claim by another", claim(device, "y", "Mine"))
	won(t, s, false, "claim by nobody", claim(device, "y", ""))
	listed(device, "y", authcore.Attributes{"first": "mine"})

	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("1") })
	listed(user, "x", nil)
	listed(user, "y", nil)
	listed(device, "y", authcore.Attributes{"first": "mine"}) // it has his ID, and is not he
}

// parallelClaims: of many who claim one thing one has it.
func parallelClaims(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	device := authcore.Subject{Kind: authcore.SubjectDevice, ID: "d"}
	var n atomic.Int64
	wins := parallel(t, 200, func() (bool, error) {
		value := fmt.Sprint(n.Add(1))
		return decide(s, func(tx authcore.Tx) (bool, error) { return tx.ClaimAttribute(device, "x", "physical", value) })
	})
	same(t, "winners of 200", wins, int64(1))
}

// parallelAttributes: two who write the same ones don't wait for each other.
func parallelAttributes(t *testing.T, open Open) {
	s := open(t, Opts{Waiters: 1000, CallTimeout: time.Minute})
	a := authcore.Attributes{}
	for i := range 12 {
		a[fmt.Sprint(i)] = "v"
	}
	done := parallel(t, 100, func() (bool, error) {
		return decide(s, func(tx authcore.Tx) (bool, error) {
			return true, tx.SetAttributes(authcore.Subject{Kind: authcore.SubjectUser, ID: "u"}, "x", a)
		})
	})
	same(t, "writers of 100", done, int64(100))
}
