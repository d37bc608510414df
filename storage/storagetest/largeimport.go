package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// many are devices that an import brings, numbered from "from" on.
func many(id string, from, n int) (devices []authcore.Device) {
	for i := range n {
		d := sampleDevice(fmt.Sprintf("%s-%04d", id, from+i), "")
		d.Serial = fmt.Sprintf("SN-%04d", from+i)
		devices = append(devices, d)
	}
	return devices
}

// largeImport: any number of devices are staged, and found by their serials.
func largeImport(t *testing.T, open Open) {
	s := open(t, Opts{})
	importing(t, s, "m")
	devices := many("m", 0, 2*authcore.ImportBatch+1)
	var serials, ids []string
	for _, d := range devices {
		serials, ids = append(serials, d.Serial), append(ids, d.ID)
	}
	stage(t, s, "m", ids, devices...)
	stage(t, s, "m", nil, devices...)
	read(t, s, func(tx authcore.Tx) error {
		holders, err := tx.BySerials(authcore.DefaultTenant, serials)
		try(t, err)
		same(t, "devices that have the serials", len(holders), len(devices))
		holders, err = tx.BySerials("other", serials)
		try(t, err)
		same(t, "those of another tenant", len(holders), 0)
		holders, err = tx.BySerials(authcore.DefaultTenant, nil)
		try(t, err)
		same(t, "those of none", len(holders), 0)
		n, err := tx.CountStaged("m")
		same(t, "devices staged", n, int64(len(devices)))
		return err
	})
}

// dropImport: what is dropped goes in batches, can't go on or end meanwhile, and
// what has ended stays.
func dropImport(t *testing.T, open Open) {
	s := open(t, Opts{})
	importing(t, s, "m", "n", "done")
	stage(t, s, "done", []string{"done-0100"}, many("done", 100, 1)...)
	stage(t, s, "n", []string{"n-0200"}, many("n", 200, 1)...)
	won(t, s, true, "end", ended("done"))
	write(t, s, func(tx authcore.Tx) error {
		_, err := tx.StageDevices("m", many("m", 0, 5))
		return err
	})
	drop := func(id string, limit int, want int64) {
		t.Helper()
		write(t, s, func(tx authcore.Tx) error {
			n, err := tx.DropStaged(id, limit)
			same(t, "dropped of "+id, n, want)
			return err
		})
	}
	drop("done", 9, 0)
	there(t, s, many("done", 100, 1)[0], true)
	drop("", 9, 0)
	drop("m", 2, 2)
	won(t, s, false, "end of what is being dropped", ended("m"))
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.TouchImport("m", start) })
	read(t, s, func(tx authcore.Tx) error {
		dropped := sampleImport("m")
		dropped.TouchedAt = time.Time{}
		all, err := tx.Imports(start.Add(time.Hour))
		try(t, err)
		same(t, "imports", all, []authcore.Import{dropped, sampleImport("n")})
		all, err = tx.Imports(start)
		try(t, err)
		same(t, "imports that stand still", all, []authcore.Import{dropped})
		got, err := tx.Import("m")
		same(t, "what is being dropped", got, dropped)
		return err
	})
	drop("m", 2, 2)
	drop("m", 2, 1)
	drop("m", 2, 0)
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { _, err := tx.Import("m"); return err })
	holds(t, s, "SN-0000")
	drop("n", 1, 1)
	drop("n", 1, 0)
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { _, err := tx.Import("n"); return err })
	there(t, s, many("done", 100, 1)[0], true)
	importing(t, s, "m")
	stage(t, s, "m", []string{"m-0000", "m-0001"}, many("m", 0, 2)...) // the serials are free again
}

// parallelStages: of imports that bring the same devices at once, in any order, each
// device is one's, and neither waits for the other for ever. Who comes to its second
// statement waits a while for the other, which has its first part by then, if it can.
func parallelStages(t *testing.T, open Open) {
	var inserts, stored, n atomic.Int64
	both := make(chan struct{})
	faults := &Faults{Before: func(query string) {
		if !strings.HasPrefix(query, "INSERT INTO devices") {
			return
		}
		switch inserts.Add(1) {
		case 3:
			select {
			case <-both:
			case <-time.After(300 * time.Millisecond):
			}
		case 4:
			close(both)
		}
	}}
	s := open(t, Opts{Wrap: faults.Wrap, CallTimeout: time.Minute})
	done := parallel(t, 2, func() (bool, error) {
		number := n.Add(1)
		id := fmt.Sprint("m", number)
		devices := many(id, 0, 2*authcore.ImportBatch)
		if number == 2 {
			slices.Reverse(devices)
		}
		return decide(s, func(tx authcore.Tx) (bool, error) {
			ids, err := tx.StageDevices(id, devices)
			stored.Add(int64(len(ids)))
			return true, err
		})
	})
	same(t, "imports", done, int64(2))
	same(t, "devices", stored.Load(), int64(2*authcore.ImportBatch))
}

// stageBesideEnd: a batch that comes while its import ends is in it or refused;
// and so is one that comes while it is dropped.
func stageBesideEnd(t *testing.T, open Open) {
	for what, end := range map[string]func(authcore.Tx) (bool, error){
		"ended":   ended("m"),
		"dropped": func(tx authcore.Tx) (bool, error) { n, err := tx.DropStaged("m", 1000); return n > 0, err },
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t, Opts{})
			importing(t, s, "m")
			batch := func(from int) func(authcore.Tx) error {
				return func(tx authcore.Tx) error {
					if err := tx.TouchImport("m", start); err != nil {
						return err
					}
					_, err := tx.StageDevices("m", many("m", from, 3))
					return err
				}
			}
			over := make(chan error, 1)
			write(t, s, func(tx authcore.Tx) error {
				try(t, tx.TouchImport("m", start))
				go func() {
					won, err := decide(s, end)
					if !won && err == nil {
						err = errors.New("it was over before")
					}
					over <- err
				}()
				select {
				case err := <-over:
					t.Errorf("it was over beside a batch: %v", err)
					over <- err
				case <-time.After(300 * time.Millisecond): // it waits by now
				}
				return batch(0)(tx)
			})
			try(t, <-over)
			wantCode(t, s.Write(context.Background(), batch(3)), authcore.CodeNotFound)
			read(t, s, func(tx authcore.Tx) error {
				all, err := tx.Devices("", "")
				same(t, "devices that are there", len(all), map[string]int{"ended": 3, "dropped": 0}[what])
				try(t, err)
				n, err := tx.CountStaged("m")
				same(t, "devices in all", n, map[string]int64{"ended": 3, "dropped": 0}[what])
				return err
			})
		})
	}
}
