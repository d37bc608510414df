package storagetest

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

// hadDevice: that a user had a device that counted outlives it.
func hadDevice(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2", "3", "4")
	pending, rejected := sampleDevice("p", "3"), sampleDevice("r", "3")
	pending.Status, rejected.Status = authcore.StatusPending, authcore.StatusRejected
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateDevice(pending))
		return tx.CreateDevice(rejected)
	})
	had := func(user string, want bool) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.HadDevice(user)
			if got != want {
				t.Errorf("%s had one: %v", user, got)
			}
			return err
		})
	}
	for _, user := range []string{"1", "2", "3", "4"} {
		had(user, false) // he has one
	}
	won(t, s, true, "to stock", assigned("d1", "1", ""))
	won(t, s, true, "out of stock", assigned("d1", "", "4"))
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.RemoveDevice("d2"))
		try(t, tx.RemoveDevice("p"))
		return tx.RemoveDevice("r")
	})
	won(t, s, false, "another's", assigned("d1", "3", ""))
	for user, want := range map[string]bool{"1": true, "2": true, "3": false, "4": false} {
		had(user, want)
	}
	read(t, s, func(tx authcore.Tx) error {
		_, err := tx.HadDevice("nobody")
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
}
