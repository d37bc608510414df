//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
)

// legs is in how many parts an import comes, the stores in turn: what else the
// machine does meanwhile hits them alike.
const legs = 10

// bulk is an import into one store, and the logins of one person beside it.
type bulk struct {
	*house
	name, id string
	rows     int
	took     time.Duration
	waits    []time.Duration // of each login
}

// measureImports brings devices into both stores, as many as the settings say.
func measureImports(ctx context.Context, s settings, dir string, r *report) (err error) {
	dir = filepath.Join(dir, "imports")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	list, end, err := kinds(dir)
	if err != nil {
		return err
	}
	defer end()
	var all []*bulk
	defer func() {
		for _, b := range all {
			err = errors.Join(err, b.store.Close())
		}
	}()
	for _, k := range list {
		h, err := openHouse(ctx, k.make("imports"), nil)
		if err != nil {
			return err
		}
		b := &bulk{house: h, name: k.name}
		all = append(all, b)
		if h.people, err = h.settle(ctx, 1); err != nil {
			return err
		}
		if b.id, err = h.core.Imports.Begin(ctx, authcore.Operator()); err != nil {
			return err
		}
	}
	var memory [legs]float64
	for leg := range legs {
		progress("imports, part %d of %d", leg+1, legs)
		for _, b := range all {
			if err := b.leg(ctx, s.imports/legs); err != nil {
				return fmt.Errorf("import into %s: %w", b.name, err)
			}
		}
		debug.FreeOSMemory() // what is garbage is not in use
		if memory[leg], err = residentSet(os.Getpid(), false); err != nil {
			return err
		}
	}
	for _, b := range all {
		if err := b.end(ctx); err != nil {
			return fmt.Errorf("end of the import into %s: %w", b.name, err)
		}
	}
	r.imports(all, memory[0], memory[legs-1])
	return nil
}

// leg stages n rows while the person logs in again and again.
func (b *bulk) leg(ctx context.Context, n int) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	logins := make(chan error, 1)
	go func() {
		for {
			begun := time.Now()
			err := b.people[0].login(ctx, b.core)
			if ctx.Err() != nil {
				logins <- nil // the part is over, and this login with it
				return
			}
			if err != nil {
				logins <- err
				return
			}
			b.waits = append(b.waits, time.Since(begun))
		}
	}()
	begun := time.Now()
	err := b.stage(ctx, n)
	b.took += time.Since(begun)
	stop()
	return errors.Join(err, <-logins)
}

func (b *bulk) stage(ctx context.Context, n int) error {
	for last := b.rows + n; b.rows < last; {
		var rows []authcore.ImportRow
		for range min(authcore.ImportBatch, last-b.rows) {
			b.rows++
			rows = append(rows, authcore.ImportRow{
				Line: b.rows, Serial: fmt.Sprintf("import-%d", b.rows), Kind: authcore.KindHOTP, Secret: oath.NewSecret(),
			})
		}
		results, err := b.core.Imports.Stage(ctx, authcore.Operator(), b.id, rows)
		if err != nil {
			return err
		}
		for _, result := range results {
			if result.Outcome != authcore.ImportNew {
				return fmt.Errorf("row %d: %s: %s", result.Line, result.Outcome, result.Reason)
			}
		}
	}
	return nil
}

// end sees that every row is there.
func (b *bulk) end(ctx context.Context) error {
	begun := time.Now()
	if err := b.core.Imports.End(ctx, authcore.Operator(), b.id); err != nil {
		return err
	}
	b.took += time.Since(begun)
	return b.store.Read(ctx, func(tx authcore.Tx) error {
		n, err := tx.CountStaged(b.id)
		if err == nil && n != int64(b.rows) {
			err = fmt.Errorf("%d devices are there, and %d were imported", n, b.rows)
		}
		return err
	})
}

// importsHeading begins the part of the report that -imports-only makes anew.
const importsHeading = "Imports"

func (r *report) imports(all []*bulk, early, late float64) {
	rows := all[0].rows
	r.table(importsHeading, fmt.Sprintf(`Made on %s. %s devices in batches of %d through authcore.Imports, into both stores in turn, a tenth at
a time, while one person logs in again and again, password hash included. The process has %.0f MiB
when %s devices are in each store, and %.0f MiB when all are.`,
		time.Now().Format("2006-01-02"), thousands(rows), authcore.ImportBatch, early, thousands(rows/legs), late),
		"store", "rows/s", "logins", "login, ms (median)", "longest login, ms")
	for _, b := range all {
		longest := percentile(b.waits, 1)
		r.row(b.name, fmt.Sprintf("%.0f", float64(b.rows)/b.took.Seconds()), fmt.Sprint(len(b.waits)),
			fmt.Sprintf("%.1f", percentile(b.waits, 0.5).Seconds()*1e3), fmt.Sprintf("%.0f", longest.Seconds()*1e3))
		r.bar(fmt.Sprintf("longest login beside an import into %s, s", b.name), "3", fmt.Sprintf("%.2f", longest.Seconds()), longest <= 3*time.Second)
	}
	r.ratioBar("resident set at the end of an import over that at a tenth", late/early, 1.10)
}
