package integration

import (
	"net/http"
	"slices"
	"testing"

	"github.com/doorward/doorward/caddymodule/admin"
)

// Each kind of device at each door, on each database: what the tables say it reads as, and
// whether it opens.
func TestMatrix(t *testing.T) {
	bothStores(t, func(t *testing.T, store string) {
		m := openMatrix(t, store)
		for _, row := range kindsOfDevice[1:] {
			for _, door := range doorsOf {
				t.Run(row[0]+"/"+door, func(t *testing.T) { m.within(t).walk(row[0], door) })
			}
		}
		for _, kind := range []string{"totp", "hotp", "mobile_application", "client"} {
			t.Run(kind+"/waiting", func(t *testing.T) { m.within(t).waits(kind) })
		}
	})
}

func (m *matrix) within(t *testing.T) *matrix {
	m.t = t
	return m
}

// walk leads a device of its own through its states. Who is at the door blocks it, unblocks
// it and deactivates it as far as there is a call for that.
func (m *matrix) walk(kind, door string) {
	d := m.specimen(kind)
	d.reads("active")
	if cellOf(kindsOfDevice, kind, door) == "" { // it can do nothing with it, and so nothing to it
		d.moves(door, "blocked")
		d.reads("blocked")
		d.moves(door, "deactivated")
		d.reads("deactivated")
		return
	}
	entry, by := door, door
	switch {
	case door == "elcoin" || door == "surepassid": // another door's session ends by these
		entry = "onlyoffice"
	case door == "sign-in page":
		by = "elcoin"
	}
	tokens := d.enters(entry)
	begun := d.begins(door)
	d.moves(by, "blocked")
	d.reads("blocked")
	d.shutOut(tokens)
	d.refused(begun)

	if kind != "backup" { // no door makes them active again
		d.moves(by, "active")
		d.reads("active")
		d.shutOut(tokens)
		tokens = d.enters(door)
		begun = d.begins(door)
	}
	d.moves(by, "deactivated")
	d.reads("deactivated")
	d.shutOut(tokens)
	d.refused(begun)
}

// waits leads one that opens nothing yet to its end.
func (m *matrix) waits(kind string) {
	m.made++
	d := &specimen{m: m, user: m.another("waits-" + kind), kind: kind}
	switch kind {
	case "mobile_application":
		d.put("waits")
	case "client":
		d.asksIn()
		d.reads("pending")
		d.refused(d.begins("qitech"))
		m.call("device/refuse", admin.DeviceRef{Device: d.id}, new(admin.Device))
		d.reads("rejected")
		d.refused(d.begins("qitech"))
		return
	default:
		d.fob(1)
	}
	d.reads("pending")
	d.refused(d.begins("onlyoffice"))
	if kind == "mobile_application" {
		d.moves("elcoin", "deactivated")
		d.reads("deactivated")
		return
	}
	if code, text := m.toSurePassID("delete_device", map[string]any{"psn": d.id}, nil); code != 0 {
		m.t.Fatal(text)
	}
	for dialect, word := range words {
		if got := word(d); got != "" {
			m.t.Errorf("%s says %q of what is removed", dialect, got)
		}
	}
}

// enters goes in by all that the table has for the door, and gives the tokens that the gate
// lets through.
func (d *specimen) enters(door string) (tokens []string) {
	d.m.t.Helper()
	for _, way := range []string{"c", "y", "s"} {
		if !does(d.kind, door, way) {
			continue
		}
		a := d.begins(door)
		if way != "c" {
			a.code = ""
		}
		if way == "y" {
			if status := d.yes(a.question, a.number); status != http.StatusOK {
				d.m.t.Errorf("the yes of %s at %s: %d", d.kind, door, status)
			}
		}
		token, done := a.finish(a.code)
		if !done {
			d.m.t.Fatalf("%s at %s: %q does not do what the table says", d.kind, door, way)
		}
		if door != "surepassid" { // what is right there opens nothing
			d.m.wantIn(d.kind+" at "+door, token)
			tokens = append(tokens, token)
		}
	}
	return tokens
}

func (d *specimen) shutOut(tokens []string) {
	d.m.t.Helper()
	for _, token := range tokens {
		d.m.wantOut(d.kind, token)
	}
}

// refused fails the test if what was begun before can be finished now, or begun again.
func (d *specimen) refused(begun entering) {
	d.m.t.Helper()
	if begun.finish == nil {
		return
	}
	if begun.question != "" {
		if status := d.yes(begun.question, begun.number); status == http.StatusOK {
			d.m.t.Errorf("the yes of %s counts at %s", d.kind, begun.door)
		}
	}
	sent := d.sent()
	again := attempts[begun.door](d)
	if d.sent() != sent {
		d.m.t.Errorf("%s is sent something at %s", d.kind, begun.door)
	}
	for _, a := range []entering{begun, again} {
		for _, code := range slices.Compact([]string{begun.code, ""}) {
			if _, done := a.finish(code); done {
				d.m.t.Errorf("%s opens at %s by %q", d.kind, begun.door, code)
			}
		}
	}
	d.unused = begun.code
}
