package authcore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// clear wants this answer, however many calls it takes.
func (h *house) clear(t testing.TB, actor authcore.Actor, want bool) {
	t.Helper()
	if got, err := h.Imports.Clear(t.Context(), actor); err != nil || got != want {
		t.Errorf("%s in the way of none: %v, %v, want %v", actor, got, err, want)
	}
}

// What broke off stands in nobody's way, and what goes on is left alone.
func TestImportThatBrokeOffMakesRoom(t *testing.T) {
	h := newCore(t, nil)
	op, other := authcore.Operator(), authcore.OperatorIn("hr")
	h.clear(t, op, true)
	id := h.begin(t, op)
	h.clear(t, op, false)
	h.clear(t, other, true)
	h.stage(t, id, importRows(200), repeat(authcore.ImportNew, 200)...)
	h.clock.Turn(9 * time.Second)
	h.stage(t, id, importRows(201)[200:], authcore.ImportNew)
	h.clock.Turn(9 * time.Second)
	h.clear(t, op, false)
	h.clock.Turn(2 * time.Second)
	h.clear(t, other, true) // and not by its asking
	h.stage(t, id, nil)
	h.clock.Turn(11 * time.Second)
	h.clear(t, op, true)
	_, err := h.Imports.Stage(t.Context(), op, id, nil)
	wantCode(t, err, authcore.CodeNotFound)
	wantCode(t, h.Imports.End(t.Context(), op, id), authcore.CodeNotFound)

	id = h.begin(t, op)
	h.stage(t, id, importRows(201)[:200], repeat(authcore.ImportNew, 200)...)
	must(t, h.Imports.End(t.Context(), op, id))
	h.clear(t, op, true)
	if n := h.stock(t); n != 200 {
		t.Errorf("%d devices are there", n)
	}
	_, err = h.Imports.Clear(t.Context(), authcore.Actor{})
	wantCode(t, err, authcore.CodeForbidden)
}

// One call removes no more than what keeps its time; an import that is being dropped
// stands in the way until all is gone, whenever it was touched.
func TestClearTakesItsTime(t *testing.T) {
	h := newCore(t, nil)
	op := authcore.Operator()
	id := h.begin(t, op)
	for batch := range 11 {
		rows := importRows(200)
		for i := range rows {
			rows[i].Serial = fmt.Sprintf("KF-%d-%d", batch, i)
		}
		h.stage(t, id, rows, repeat(authcore.ImportNew, 200)...)
	}
	if done, err := h.Imports.Abandon(t.Context(), op, id); done || err != nil {
		t.Fatal(done, err)
	}
	h.clear(t, op, false) // 10 batches, and whether there is more is not known
	h.clear(t, op, true)
	h.stage(t, h.begin(t, op), importRows(1), authcore.ImportNew)
}
