package authcore_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/doorward/doorward/authcore"
)

// A login waits for no more than a batch: while an import goes on, and goes on until
// they are through, logins come to their end. Nothing of it is there meanwhile.
func TestLoginsBesideAnImport(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	rows := importRows(400 * authcore.ImportBatch)
	id := h.begin(t, authcore.Operator())
	through, staged := make(chan struct{}), make(chan int)
	first := make(chan struct{})
	go func() {
		n := 0
		for ; n+authcore.ImportBatch <= len(rows); n += authcore.ImportBatch {
			select {
			case <-through:
				staged <- n
				return
			default:
			}
			if _, err := h.Imports.Stage(t.Context(), authcore.Operator(), id, rows[n:n+authcore.ImportBatch]); err != nil {
				t.Errorf("a batch: %v", err)
			}
			if n == 0 {
				close(first)
			}
		}
		staged <- n
	}()
	<-first
	for range 10 {
		h.passes(t, h.login(t, m).Token)
		if n := h.stock(t); n != 1 {
			t.Errorf("%d devices are there before the end", n)
		}
	}
	close(through)
	n := <-staged
	if n == len(rows) {
		t.Error("the import was over before the logins were")
	}
	must(t, h.Imports.End(t.Context(), authcore.Operator(), id))
	if got := h.stock(t); got != n+1 {
		t.Errorf("%d devices are there, and %d were staged", got-1, n)
	}
}

// What Stage says is new is there after an end that comes at any moment, and what it
// refuses is not.
func TestEndBesideBatches(t *testing.T) {
	h := newCore(t, nil)
	id := h.begin(t, authcore.Operator())
	rows := importRows(40 * 10)
	var good, late atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			results, err := h.Imports.Stage(t.Context(), authcore.Operator(), id, rows[i*10:(i+1)*10])
			switch {
			case err == nil:
				outcomes(t, results, repeat(authcore.ImportNew, 10)...)
				good.Add(10)
			default:
				wantCode(t, err, authcore.CodeNotFound)
				late.Add(1)
			}
			if i == 20 {
				if err := h.Imports.End(t.Context(), authcore.Operator(), id); err != nil {
					t.Errorf("the end: %v", err)
				}
			}
		})
	}
	all.Wait()
	if got := h.stock(t); int64(got) != good.Load() {
		t.Errorf("%d devices are there, %d were new, %d batches were late", got, good.Load(), late.Load())
	}
	h.read(t, func(tx authcore.Tx) error {
		n, err := tx.CountStaged(id)
		if n != good.Load() {
			t.Errorf("%d devices are stored", n)
		}
		return err
	})
}
