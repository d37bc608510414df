package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func devices(t *testing.T, open Open) {
	s := open(t, Opts{})
	write(t, s, func(tx authcore.Tx) error { return tx.CreateUser(sampleUser("1")) })
	// The ids are not in the order of the making, and all have the same time.
	first, second, stock, foreign := sampleDevice("z", "1"), sampleDevice("a", "1"), sampleDevice("m", ""), sampleDevice("f", "")
	first.LastUsedAt = start.Add(time.Minute)
	second.Kind, second.Address = authcore.KindPhone, "+15551"
	second.Name = "his phone"
	foreign.Tenant, foreign.Serial, foreign.Sealed = "other", first.Serial, []byte{}
	for _, d := range []authcore.Device{first, second, stock, foreign} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(d) })
	}
	for _, c := range []struct {
		tenant, user string
		want         []authcore.Device
	}{
		{"default", "1", []authcore.Device{first, second}},
		{"", "1", []authcore.Device{first, second}},
		{"default", "", []authcore.Device{first, second, stock}},
		{"other", "", []authcore.Device{foreign}},
		{"other", "1", []authcore.Device{}},
		{"", "", []authcore.Device{first, second, stock, foreign}},
	} {
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.Devices(c.tenant, c.user)
			same(t, "Devices of "+c.tenant+" "+c.user, got, c.want)
			return err
		})
	}
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.DeviceByID("z")
		try(t, err)
		same(t, "DeviceByID", got, first)
		got, err = tx.DeviceBySerial("other", first.Serial)
		try(t, err)
		same(t, "DeviceBySerial", got, foreign)
		_, err = tx.DeviceBySerial("other", second.Serial)
		wantCode(t, err, authcore.CodeNotFound)
		_, err = tx.DeviceByID("none")
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
	taken := sampleDevice("new", "1")
	taken.Serial = first.Serial
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.CreateDevice(taken) })
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.CreateDevice(sampleDevice("new", "nobody")) })
}

// deviceNames: a name is of one device, whatever its state, and can be taken away.
func deviceNames(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1")
	named, other := sampleDevice("n", "1"), sampleDevice("d1", "1")
	named.Name, named.Status = "мой \"телефон\"", authcore.StatusBlocked
	write(t, s, func(tx authcore.Tx) error { return tx.CreateDevice(named) })
	for _, name := range []string{named.Name, "我的手机 📱", "", "x"} {
		named.Name = name
		write(t, s, func(tx authcore.Tx) error { return tx.RenameDevice("n", name) })
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.DeviceByID("n")
			same(t, "a named device", got, named)
			try(t, err)
			got, err = tx.DeviceByID("d1")
			same(t, "another device", got, other)
			return err
		})
	}
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.RenameDevice("none", "x") })
}

func deviceStates(t *testing.T, open Open) {
	s := open(t, Opts{})
	write(t, s, func(tx authcore.Tx) error {
		d := sampleDevice("d", "")
		d.Status = authcore.StatusPending
		return tx.CreateDevice(d)
	})
	at := start.Add(time.Minute)
	move := func(to authcore.DeviceStatus, from ...authcore.DeviceStatus) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.MoveDevice("d", to, from...) }
	}
	consume := func(counter int64) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.ConsumeCounter("d", counter, 2, at) }
	}
	won(t, s, false, "counter of a pending device", consume(5))
	won(t, s, false, "move from no state", move(authcore.StatusActive))
	won(t, s, false, "move from other states", move(authcore.StatusActive, authcore.StatusBlocked, authcore.StatusRejected))
	won(t, s, true, "move from its state", move(authcore.StatusActive, authcore.StatusBlocked, authcore.StatusPending))
	won(t, s, false, "move again", move(authcore.StatusActive, authcore.StatusPending))
	won(t, s, false, "move of no device", func(tx authcore.Tx) (bool, error) {
		return tx.MoveDevice("none", authcore.StatusActive, authcore.StatusPending)
	})
	won(t, s, true, "first counter", consume(0))
	won(t, s, false, "same counter", consume(0))
	won(t, s, true, "higher counter", consume(1<<40))
	won(t, s, false, "lower counter", consume(1))
	won(t, s, false, "counter of no device", func(tx authcore.Tx) (bool, error) { return tx.ConsumeCounter("none", 5, 0, at) })
	won(t, s, true, "block", move(authcore.StatusBlocked, authcore.StatusActive))
	won(t, s, false, "counter of a blocked device", consume(1<<41))
	want := sampleDevice("d", "")
	want.Status, want.LastCounter, want.Drift, want.LastUsedAt = authcore.StatusBlocked, 1<<40, 2, at
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.DeviceByID("d")
		same(t, "the device after all", got, want)
		return err
	})
}
