package storagetest

import (
	"testing"

	"github.com/doorward/doorward/authcore"
)

func sampleImport(id string) authcore.Import {
	return authcore.Import{ID: id, Tenant: authcore.DefaultTenant, TouchedAt: start}
}

// stage stores devices for an import, and wants these of them to be stored.
func stage(t *testing.T, s authcore.Store, importID string, want []string, devices ...authcore.Device) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		stored, err := tx.StageDevices(importID, devices)
		same(t, "stored by "+importID, stored, want)
		return err
	})
}
