package storagetest

import (
	"testing"

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
