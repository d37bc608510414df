package storagetest

import (
	"slices"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func sampleImport(id string) authcore.Import {
	return authcore.Import{ID: id, Tenant: authcore.DefaultTenant, TouchedAt: start}
}

// importing begins imports.
func importing(t *testing.T, s authcore.Store, ids ...string) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		for _, id := range ids {
			try(t, tx.CreateImport(sampleImport(id)))
		}
		return nil
	})
}

// stage stores devices for an import, and wants these of them to be stored.
func stage(t *testing.T, s authcore.Store, importID string, want []string, devices ...authcore.Device) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		stored, err := tx.StageDevices(importID, devices)
		slices.Sort(stored)
		same(t, "stored by "+importID, stored, want)
		return err
	})
}

// holds checks who has a serial: nobody, a device that is there, or an import.
func holds(t *testing.T, s authcore.Store, serial string, want ...authcore.SerialHolder) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.BySerials(authcore.DefaultTenant, []string{"no such", serial})
		same(t, "who has "+serial, got, want)
		return err
	})
}

// there checks whether a device can be found, by whatever.
func there(t *testing.T, s authcore.Store, d authcore.Device, want bool) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		_, byID := tx.DeviceByID(d.ID)
		_, bySerial := tx.DeviceBySerial(d.Tenant, d.Serial)
		same(t, d.ID+" by ID, by serial", []bool{byID == nil, bySerial == nil}, []bool{want, want})
		for _, tenant := range []string{d.Tenant, ""} {
			all, err := tx.Devices(tenant, "")
			try(t, err)
			listed := slices.ContainsFunc(all, func(other authcore.Device) bool { return other.ID == d.ID })
			same(t, d.ID+" among the devices of "+tenant, listed, want)
		}
		return nil
	})
}

func ended(id string) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.EndImport(id) }
}

// imports: what is staged is there for nobody until the end, and then all of it is.
func imports(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	importing(t, s, "m", "n")
	first, second, elsewhere := sampleDevice("a", ""), sampleDevice("b", ""), sampleDevice("c", "")
	first.Kind, first.LookAhead, first.LastCounter, first.Period = authcore.KindHOTP, 5, 41, 0
	first.PIN, first.Name, first.Drift, first.Status = []byte("sealed"), "его", 3, authcore.StatusPending
	first.Awaits, first.LastUsedAt = authcore.AwaitsCodes, start.Add(time.Minute)
	elsewhere.Tenant, elsewhere.Serial = "other", first.Serial
	stage(t, s, "m", nil)
	stage(t, s, "m", []string{"a", "c"}, elsewhere, first)
	clash, own, twice := sampleDevice("x", ""), sampleDevice("y", ""), sampleDevice("z", "")
	clash.Serial, own.Serial, twice.Serial = first.Serial, "SN-d1", second.Serial
	stage(t, s, "n", []string{"b"}, clash, second, own, twice)
	for _, d := range []authcore.Device{first, second, elsewhere} {
		there(t, s, d, false)
		won(t, s, false, "giving it away", assigned(d.ID, "", "1"))
		refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error {
			next := sampleDevice("next", "1")
			next.Tenant, next.Serial = d.Tenant, d.Serial
			return tx.CreateDevice(next)
		})
	}
	his(t, s, "1", "d1")
	holds(t, s, first.Serial, authcore.SerialHolder{Device: first, ImportID: "m"})
	holds(t, s, second.Serial, authcore.SerialHolder{Device: second, ImportID: "n"})
	holds(t, s, "SN-d1", authcore.SerialHolder{Device: sampleDevice("d1", "1")})
	holds(t, s, "SN-x")
	won(t, s, true, "end", ended("m"))
	won(t, s, false, "end again", ended("m"))
	won(t, s, false, "end of none", ended(""))
	there(t, s, first, true)
	there(t, s, elsewhere, true)
	there(t, s, second, false)
	holds(t, s, first.Serial, authcore.SerialHolder{Device: first})
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.DeviceByID("a")
		try(t, err)
		same(t, "an imported device", got, first)
		for id, want := range map[string]int64{"m": 2, "n": 1, "": 0} { // "" is where those that nobody imported stand
			n, err := tx.CountStaged(id)
			try(t, err)
			same(t, "devices of "+id, n, want)
		}
		return nil
	})
	won(t, s, true, "giving it away", assigned("a", "", "1"))
	his(t, s, "1", "d1", "a")
}

// importsTouched: an import goes on until it ends, and is listed by when it did last.
func importsTouched(t *testing.T, open Open) {
	s := open(t, Opts{})
	importing(t, s, "m", "n")
	touch := func(id string, at time.Time) func(authcore.Tx) error {
		return func(tx authcore.Tx) error { return tx.TouchImport(id, at) }
	}
	listed := func(before time.Time, want ...authcore.Import) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Imports(before)
			same(t, "imports that stand still", got, want)
			return err
		})
	}
	m, n := sampleImport("m"), sampleImport("n")
	listed(start)
	m.TouchedAt = start.Add(time.Minute)
	write(t, s, touch("m", m.TouchedAt))
	listed(start.Add(time.Millisecond), n)
	listed(start.Add(time.Hour), n, m)
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Import("m")
		try(t, err)
		same(t, "an import", got, m)
		_, err = tx.Import("none")
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.CreateImport(m) })
	refused(t, s, authcore.CodeNotFound, touch("none", start))
	won(t, s, true, "end", ended("m"))
	refused(t, s, authcore.CodeNotFound, touch("m", start))
	listed(start.Add(time.Hour), n)
}
