package authcore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/oath"
)

// importRows are n devices of a file, with secrets of their own.
func importRows(n int) (rows []authcore.ImportRow) {
	for i := range n {
		rows = append(rows, authcore.ImportRow{
			Line: i + 1, Serial: fmt.Sprintf("KF-%04d", i), Kind: authcore.KindHOTP, Secret: fmt.Appendf(nil, "secret of device %04d", i),
		})
	}
	return rows
}

func (h *house) begin(t testing.TB, actor authcore.Actor) string {
	t.Helper()
	id, err := h.Imports.Begin(t.Context(), actor)
	must(t, err)
	return id
}

// stage wants these outcomes of a batch, in order.
func (h *house) stage(t testing.TB, id string, rows []authcore.ImportRow, want ...string) []authcore.ImportResult {
	t.Helper()
	results, err := h.Imports.Stage(t.Context(), authcore.Operator(), id, rows)
	must(t, err)
	outcomes(t, results, want...)
	return results
}

func outcomes(t testing.TB, results []authcore.ImportResult, want ...string) {
	t.Helper()
	var got []string
	for _, r := range results {
		got = append(got, r.Outcome)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes: %s", diff)
	}
}

func repeat(outcome string, n int) (list []string) {
	for range n {
		list = append(list, outcome)
	}
	return list
}

// stock is how many devices there are.
func (h *house) stock(t testing.TB) int {
	t.Helper()
	devices, err := h.Devices.List(t.Context(), authcore.Operator(), "")
	must(t, err)
	return len(devices)
}

// What is imported is there at the end, in stock, as the file says; until then it is
// there for nobody.
func TestImport(t *testing.T) {
	h := newCore(t, nil)
	h.member(t, "alice")
	rows := importRows(3)
	rows[0].Counter, rows[0].Name = 7, " my fob "
	rows[1].Kind, rows[1].Algorithm, rows[1].Digits, rows[1].Period, rows[1].Drift = authcore.KindTOTP, oath.SHA256, 8, 60, -3
	rows[2].Kind, rows[2].Drift, rows[2].Counter = authcore.KindTOTP, 100_000, 5
	id := h.begin(t, authcore.Operator())
	h.stage(t, id, rows, repeat(authcore.ImportNew, 3)...)
	if n := h.stock(t); n != 1 {
		t.Errorf("%d devices before the end", n)
	}
	for _, row := range rows {
		_, _, err := h.Devices.Get(t.Context(), authcore.Operator(), row.Serial)
		wantCode(t, err, authcore.CodeNotFound)
		_, err = h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP, Serial: row.Serial})
		wantCode(t, err, authcore.CodeConflict)
	}
	must(t, h.Imports.End(t.Context(), authcore.Operator(), id))
	wantCode(t, h.Imports.End(t.Context(), authcore.Operator(), id), authcore.CodeNotFound)
	if n := h.stock(t); n != 4 {
		t.Errorf("%d devices after the end", n)
	}
	if diff := cmp.Diff(map[string]int{"3": 1}, h.reasons(t, "device.import")); diff != "" {
		t.Error("the audit trail:", diff)
	}
	for i, want := range []authcore.Device{
		{Name: "my fob", Kind: authcore.KindHOTP, Algorithm: oath.SHA1, Digits: 6, LookAhead: 5, LastCounter: 6},
		{Kind: authcore.KindTOTP, Algorithm: oath.SHA256, Digits: 8, Period: 60, LookAhead: 1, LastCounter: -1, Drift: -3},
		{Kind: authcore.KindTOTP, Algorithm: oath.SHA1, Digits: 6, Period: 30, LookAhead: 1, LastCounter: -1, Drift: 500},
	} {
		got, _, err := h.Devices.Get(t.Context(), authcore.Operator(), rows[i].Serial)
		must(t, err)
		want.ID, want.Number, want.Version, want.Serial, want.Tenant, want.Status, want.CreatedAt = got.ID, int64(i+2), 1, rows[i].Serial, authcore.DefaultTenant, authcore.StatusActive, h.clock.Now()
		secret, err := h.ring.Open("devices", "secret", got.ID, got.Sealed)
		if err != nil || string(secret) != string(rows[i].Secret) {
			t.Errorf("the secret of %s is %q, %v", got.Serial, secret, err)
		}
		got.Sealed = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(got.Serial, diff)
		}
	}
}

// An imported device makes its user's codes, from the counter of the file on.
func TestImportedDeviceLogsIn(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	rows := importRows(1)
	rows[0].Counter = 7
	id := h.begin(t, authcore.Operator())
	h.stage(t, id, rows, authcore.ImportNew)
	must(t, h.Imports.End(t.Context(), authcore.Operator(), id))
	h.give(t, rows[0].Serial, m.user.ID)
	if _, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, rows[0].Secret, 6)); err == nil {
		t.Error("a code from before it was delivered opens")
	}
	l, err := h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, rows[0].Secret, 7))
	must(t, err)
	h.passes(t, l.Token)
}

// give assigns a device in stock.
func (h *house) give(t testing.TB, serial, user string) {
	t.Helper()
	h.write(t, func(tx authcore.Tx) error {
		d, err := tx.DeviceBySerial(authcore.DefaultTenant, serial)
		if err != nil {
			return err
		}
		if ok, err := tx.AssignDevice(d.ID, "", user); err != nil || !ok {
			return fmt.Errorf("assigned %v: %w", ok, err)
		}
		return nil
	})
}

// The same file again changes nothing, whatever became of its devices; another
// device by the same serial is refused.
func TestImportTwice(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	rows := importRows(4)
	rows[2].Kind = authcore.KindTOTP
	id := h.begin(t, authcore.Operator())
	h.stage(t, id, rows, repeat(authcore.ImportNew, 4)...)
	must(t, h.Imports.End(t.Context(), authcore.Operator(), id))
	h.give(t, rows[0].Serial, m.user.ID)
	_, err := h.Devices.Rename(t.Context(), authcore.Operator(), rows[0].Serial, "hers")
	must(t, err)
	_, err = h.Logins.Second(t.Context(), m.verified, authtest.HOTP(t, rows[0].Secret, 0))
	must(t, err)
	_, err = h.Devices.Block(t.Context(), authcore.Operator(), rows[3].Serial)
	must(t, err)

	before := h.tables(t)
	id = h.begin(t, authcore.Operator())
	h.stage(t, id, rows, repeat(authcore.ImportUnchanged, 4)...)
	must(t, h.Imports.End(t.Context(), authcore.Operator(), id))
	if diff := cmp.Diff(before, h.tables(t)); diff != "" {
		t.Error("the second time changed something:", diff)
	}

	for what, change := range map[string]func(*authcore.ImportRow){
		"secret":    func(r *authcore.ImportRow) { r.Secret = []byte("another secret of it") },
		"kind":      func(r *authcore.ImportRow) { r.Kind = authcore.KindTOTP },
		"digits":    func(r *authcore.ImportRow) { r.Digits = 8 },
		"algorithm": func(r *authcore.ImportRow) { r.Algorithm = oath.SHA512 },
	} {
		other := importRows(1)
		change(&other[0])
		id := h.begin(t, authcore.Operator())
		results := h.stage(t, id, other, authcore.ImportRefused)
		if want := "the serial is there already, with another secret or other parameters"; results[0].Reason != want {
			t.Errorf("another %s: %q, want %q", what, results[0].Reason, want)
		}
	}
	if diff := cmp.Diff(before, h.tables(t)); diff != "" {
		t.Error("what was refused changed something:", diff)
	}
}

// tables are all devices as they are stored.
func (h *house) tables(t testing.TB) (devices []authcore.Device) {
	t.Helper()
	h.read(t, func(tx authcore.Tx) (err error) { devices, err = tx.Devices("", ""); return err })
	return devices
}

// A row that could not be registered is refused, with what is allowed and without
// its secret, and the others are imported. Check says the same, and writes nothing.
func TestImportRefusals(t *testing.T) {
	h := newCore(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindHOTP, authcore.KindTOTP} })
	cases := []struct {
		reason string
		change func(*authcore.ImportRow)
	}{
		{"", func(*authcore.ImportRow) {}},
		{"serial is missing", func(r *authcore.ImportRow) { r.Serial = "" }},
		{`the serial has the character " ": letters, digits and - _ . : are allowed`, func(r *authcore.ImportRow) { r.Serial = "KF 1" }},
		{"the serial has 65 characters: 64 are allowed", func(r *authcore.ImportRow) { r.Serial = strings.Repeat("x", 65) }},
		{"the serial has the shape of an ID (a UUID), which serials may not have", func(r *authcore.ImportRow) { r.Serial = uuid.NewString() }},
		{"totp or hotp, not \"phone\"", func(r *authcore.ImportRow) { r.Kind = authcore.KindPhone }},
		{"totp or hotp, not \"\"", func(r *authcore.ImportRow) { r.Kind = "" }},
		{"the secret is missing", func(r *authcore.ImportRow) { r.Secret = nil }},
		{"secret has 15 bytes: 16 to 128 are allowed", func(r *authcore.ImportRow) { r.Secret = r.Secret[:15] }},
		{"digits is 7: 6 and 8 are allowed", func(r *authcore.ImportRow) { r.Digits = 7 }},
		{"algorithm is \"MD5\"", func(r *authcore.ImportRow) { r.Algorithm = "MD5" }},
		{"HOTP counts events", func(r *authcore.ImportRow) { r.Period = 30 }},
		{"period is 14 seconds: 15 to 120 are allowed", func(r *authcore.ImportRow) { r.Kind, r.Period = authcore.KindTOTP, 14 }},
		{"the counter is -1", func(r *authcore.ImportRow) { r.Counter = -1 }},
		{"the name of a device has at most 64", func(r *authcore.ImportRow) { r.Name = strings.Repeat("x", 65) }},
		{"the serial stands twice", func(r *authcore.ImportRow) { r.Serial = "KF-0000" }},
		{"", func(*authcore.ImportRow) {}},
	}
	rows := importRows(len(cases))
	for i, c := range cases {
		c.change(&rows[i])
	}
	id := h.begin(t, authcore.Operator())
	before := h.faults.CountMatching("INSERT INTO devices")
	checked, err := h.Imports.Check(t.Context(), authcore.Operator(), rows)
	must(t, err)
	if n := h.faults.CountMatching("INSERT INTO devices"); n != before {
		t.Error("Check wrote something")
	}
	results, err := h.Imports.Stage(t.Context(), authcore.Operator(), id, rows)
	must(t, err)
	if diff := cmp.Diff(checked, results); diff != "" {
		t.Error("Check and Stage differ:", diff)
	}
	for i, r := range results {
		want := authcore.ImportRefused
		if cases[i].reason == "" {
			want = authcore.ImportNew
		}
		if r.Line != i+1 || r.Outcome != want || !strings.Contains(r.Reason, cases[i].reason) || (r.Reason == "") != (cases[i].reason == "") ||
			strings.Contains(r.Reason, "secret of") || strings.Contains(r.Reason, "12a4") {
			t.Errorf("row %d: %+v, want %q", i+1, r, cases[i].reason)
		}
	}
	again := h.stage(t, id, rows[:1], authcore.ImportRefused)
	if again[0].Reason != "the serial stands twice" {
		t.Errorf("in the next batch: %q", again[0].Reason)
	}
	second := h.begin(t, authcore.Operator())
	if taken := h.stage(t, second, rows[:1], authcore.ImportRefused); !strings.Contains(taken[0].Reason, "the serial is in another import") {
		t.Errorf("in another import: %q", taken[0].Reason)
	}
	must(t, h.Imports.End(t.Context(), authcore.Operator(), id))
	if n := h.stock(t); n != 2 {
		t.Errorf("%d devices are there, want 2", n)
	}
	_, err = h.Imports.Stage(t.Context(), authcore.Operator(), second, importRows(authcore.ImportBatch+1))
	wantCode(t, err, authcore.CodeInvalid)
	_, err = h.Imports.Check(t.Context(), authcore.Operator(), importRows(authcore.ImportBatch+1))
	wantCode(t, err, authcore.CodeInvalid)
	narrow := h.again(t, func(o *authcore.Options) { o.Factors = authcore.Factors{authcore.KindTOTP} })
	useless := narrow.stage(t, second, importRows(20)[19:], authcore.ImportRefused)
	if !strings.Contains(useless[0].Reason, "needs hotp among the factors") {
		t.Errorf("a kind that opens nothing: %q", useless[0].Reason)
	}
}

// An import is its tenant's: for another it does not exist. A user has none.
func TestImportIsOfItsTenant(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	acme, other := h.integrator(t, "acme", "acme"), h.integrator(t, "other", "other")
	ctx, rows := t.Context(), importRows(2)
	id := h.begin(t, acme)
	for name, actor := range map[string]authcore.Actor{"another": other, "nobody": {}, "a user": h.fresh(m.user)} {
		want := authcore.CodeForbidden
		if name == "another" {
			want = authcore.CodeNotFound
		} else {
			_, err := h.Imports.Begin(ctx, actor)
			wantCode(t, err, want)
			_, err = h.Imports.Check(ctx, actor, rows)
			wantCode(t, err, want)
		}
		_, err := h.Imports.Stage(ctx, actor, id, rows)
		wantCode(t, err, want)
		_, none := h.Imports.Stage(ctx, other, uuid.NewString(), rows)
		if want == authcore.CodeNotFound && authcore.MessageOf(err) != authcore.MessageOf(none) {
			t.Errorf("%q tells of an import that is another's, not %q", err, none)
		}
		wantCode(t, h.Imports.End(ctx, actor, id), want)
		_, err = h.Imports.Abandon(ctx, actor, id)
		wantCode(t, err, want)
	}
	results, err := h.Imports.Stage(ctx, acme, id, rows)
	must(t, err)
	outcomes(t, results, authcore.ImportNew, authcore.ImportNew)
	theirs := h.begin(t, other)
	results, err = h.Imports.Stage(ctx, other, theirs, rows) // serials are a tenant's
	must(t, err)
	outcomes(t, results, authcore.ImportNew, authcore.ImportNew)
	must(t, h.Imports.End(ctx, acme, id))
	devices, err := h.Devices.List(ctx, acme, "")
	must(t, err)
	if len(devices) != 2 || devices[0].Tenant != "acme" {
		t.Errorf("acme has %+v", devices)
	}
	h.read(t, func(tx authcore.Tx) error {
		events, err := tx.Events(1)
		if len(events) != 1 || events[0].Actor != "integrator:acme" || events[0].Tenant != "acme" || events[0].Reason != "2" {
			t.Errorf("the audit trail says %+v", events)
		}
		return err
	})
	must(t, h.Imports.End(ctx, authcore.Operator(), theirs)) // an operator's are all
}

// A serial that is taken between the comparison and the insertion is judged anew.
func TestImportBesideRegistration(t *testing.T) {
	h := newCore(t, nil)
	rows := importRows(3)
	taken := authcore.Device{
		ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Serial: rows[1].Serial, Kind: authcore.KindHOTP, Status: authcore.StatusActive,
		Algorithm: oath.SHA1, Digits: 6,
	}
	taken.Sealed = h.ring.Seal("devices", "secret", taken.ID, []byte("somebody else's secret"))
	id := h.begin(t, authcore.Operator())
	registered := false
	h.faults.Before = func(query string) {
		if query == "COMMIT" && !registered { // of the comparison
			registered = true
			h.write(t, func(tx authcore.Tx) error { return tx.CreateDevice(taken) })
		}
	}
	results := h.stage(t, id, rows, authcore.ImportNew, authcore.ImportRefused, authcore.ImportNew)
	if results[1].Reason != "the serial is there already, with another secret or other parameters" {
		t.Errorf("refused for %q", results[1].Reason)
	}
	must(t, h.Imports.End(t.Context(), authcore.Operator(), id))
	if n := h.stock(t); n != 3 {
		t.Errorf("%d devices", n)
	}
}

// What is abandoned goes in batches and can't go on; so does what stood still for
// an hour, by itself. What goes on, or has ended, stays.
func TestImportThatBreaksOff(t *testing.T) {
	h := newCore(t, nil)
	const n = 2*authcore.ImportBatch + 1
	rows := importRows(n + 2)
	fill := func(rows []authcore.ImportRow) string {
		id := h.begin(t, authcore.Operator())
		for len(rows) > 0 {
			batch := rows[:min(len(rows), authcore.ImportBatch)]
			h.stage(t, id, batch, repeat(authcore.ImportNew, len(batch))...)
			rows = rows[len(batch):]
		}
		return id
	}
	gone := func(id string, row authcore.ImportRow) {
		t.Helper()
		wantCode(t, h.Imports.End(t.Context(), authcore.Operator(), id), authcore.CodeNotFound)
		_, err := h.Imports.Stage(t.Context(), authcore.Operator(), id, []authcore.ImportRow{row})
		wantCode(t, err, authcore.CodeNotFound)
	}
	ended := fill(rows[n : n+1])
	must(t, h.Imports.End(t.Context(), authcore.Operator(), ended))
	id := fill(rows[:n])
	for _, want := range []bool{false, false, true} {
		done, err := h.Imports.Abandon(t.Context(), authcore.Operator(), id)
		must(t, err)
		if done != want {
			t.Errorf("done is %v, want %v", done, want)
		}
		gone(id, rows[n+1])
	}
	_, err := h.Imports.Abandon(t.Context(), authcore.Operator(), id)
	wantCode(t, err, authcore.CodeNotFound)

	id = fill(rows[:n])
	h.clock.Turn(59 * time.Minute)
	live := fill(rows[n+1:])
	prune := func() (calls int) {
		for calls = 1; !h.live.Prune(t.Context(), h.store, h.clock.Now(), h.options.Log); calls++ {
		}
		return calls
	}
	if prune() != 1 {
		t.Error("something was pruned within the hour")
	}
	h.clock.Turn(2 * time.Minute)
	if calls := prune(); calls != 4 { // two batches, the rest, and nothing
		t.Errorf("%d calls removed it", calls)
	}
	gone(id, rows[0])
	must(t, h.Imports.End(t.Context(), authcore.Operator(), live))
	if n := h.stock(t); n != 2 {
		t.Errorf("%d devices are left, want 2", n)
	}
	again := fill(rows[:n]) // the serials are free again
	must(t, h.Imports.End(context.WithoutCancel(t.Context()), authcore.Operator(), again))
}
