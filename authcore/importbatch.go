package authcore

import (
	"crypto/subtle"
	"slices"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

// importBatch is a batch of an import while it is judged.
type importBatch struct {
	*Core
	results []ImportResult // of each row
	// free are the rows that nothing speaks against so far.
	free []importCandidate
}

type importCandidate struct {
	row    int // in results
	device Device
	key    oath.Key
}

// batch judges each row by itself, and finds what stands twice.
func (s *Imports) batch(actor Actor, rows []ImportRow) (*importBatch, error) {
	if err := actor.administers(); err != nil {
		return nil, err
	}
	if len(rows) > ImportBatch {
		return nil, Errorf(CodeInvalid, "a batch has up to %d rows, not %d", ImportBatch, len(rows))
	}
	b := &importBatch{Core: s.Core, results: make([]ImportResult, len(rows))}
	seen := map[string]bool{}
	for n, row := range rows {
		b.results[n] = ImportResult{Line: row.Line, Outcome: ImportNew}
		c, err := s.candidate(row)
		switch {
		case err != nil:
			b.refuse(n, err)
		case seen[row.Serial]:
			b.refuse(n, errTwice)
		default:
			c.row = n
			b.free = append(b.free, c)
		}
		seen[row.Serial] = true
	}
	return b, nil
}

// candidate is the device of a row, which must be one that could be registered.
func (s *Imports) candidate(row ImportRow) (importCandidate, error) {
	switch {
	case !row.Kind.MakesCodes():
		return importCandidate{}, Errorf(CodeInvalid, "the kind of a device that is imported is totp or hotp, not %q", row.Kind)
	case !s.factors.has(row.Kind):
		return importCandidate{}, Errorf(CodeInvalid, "a device of the kind %[1]s would open nothing here: the configuration needs %[1]s among the factors", row.Kind)
	case row.Serial == "":
		return importCandidate{}, Errorf(CodeInvalid, "the serial is missing")
	case len(row.Secret) == 0: // none would be made up
		return importCandidate{}, Errorf(CodeInvalid, "the secret is missing")
	case row.Counter < 0:
		return importCandidate{}, Errorf(CodeInvalid, "the counter is %d: 0 is the lowest", row.Counter)
	}
	e := Enrolment{
		Kind: row.Kind, Secret: row.Secret, Serial: row.Serial, Algorithm: row.Algorithm, Digits: row.Digits, Period: row.Period,
		Name: row.Name,
	}
	d, key, err := e.device()
	if err != nil {
		return importCandidate{}, err
	}
	d.ExpiresAt = row.Expires.Truncate(time.Millisecond) // as the store keeps it
	if row.Kind == KindHOTP {
		d.LastCounter = row.Counter - 1
	} else { // as far as a resynchronisation moves it
		d.Drift = max(-oath.ResyncWindow/2, min(oath.ResyncWindow/2, row.Drift))
	}
	return importCandidate{device: d, key: key}, nil
}

func (b *importBatch) refuse(row int, why error) {
	b.results[row].Outcome, b.results[row].Reason = ImportRefused, MessageOf(why)
}

// No reason quotes the serial: where the columns of a file are in the wrong order, the
// secret stands in its place.
var (
	errTwice    = Errorf(CodeConflict, "the serial stands twice")
	errAnother  = Errorf(CodeConflict, "the serial is there already, with another secret or other parameters")
	errOnItsWay = Errorf(CodeConflict, "the serial is in another import: wait until that ends, or for an hour if it broke off")
	errTaken    = Errorf(CodeConflict, "the serial was taken a moment ago: import it again")
)

// compare takes from the free rows those whose serial is taken, with a word on each.
// importID is that of the batch; empty: it has none.
func (b *importBatch) compare(tx Tx, tenant, importID string) error {
	serials := make([]string, len(b.free))
	for n, c := range b.free {
		serials[n] = c.device.Serial
	}
	holders, err := tx.BySerials(tenant, serials)
	if err != nil {
		return err
	}
	taken := map[string]SerialHolder{}
	for _, h := range holders {
		taken[h.Serial] = h
	}
	b.free = slices.DeleteFunc(b.free, func(c importCandidate) bool {
		holder, found := taken[c.device.Serial]
		if found {
			b.against(c, holder, importID)
		}
		return found
	})
	return nil
}

func (b *importBatch) against(c importCandidate, holder SerialHolder, importID string) {
	switch {
	case holder.ImportID != "" && holder.ImportID == importID:
		b.refuse(c.row, errTwice)
	case holder.ImportID != "":
		b.refuse(c.row, errOnItsWay)
	case b.same(c, holder.Device):
		b.results[c.row].Outcome = ImportUnchanged
	default:
		b.refuse(c.row, errAnother)
	}
}

// same says whether a device has what c brings. What changes with its use, what its
// owner calls it and what he types before its codes does not count.
func (b *importBatch) same(c importCandidate, d Device) bool {
	key, err := b.deviceSecret(d)
	if err != nil {
		b.log.Error("a device's secret can't be used: what is imported can't be compared with it", "device_id", d.ID, "error", err)
		return false
	}
	alike := subtle.ConstantTimeCompare(key.Secret, c.key.Secret) == 1
	return alike && d.Kind == c.device.Kind && key.Algorithm == c.key.Algorithm && key.Digits == c.key.Digits && key.Period == c.key.Period &&
		d.ExpiresAt.Equal(c.device.ExpiresAt)
}

// seal makes the devices of the rows that are free.
func (b *importBatch) seal(tenant string) []Device {
	devices := make([]Device, len(b.free))
	for n, c := range b.free {
		d := c.device
		d.Tenant, d.CreatedAt = tenant, b.now()
		d.Sealed = b.ring.Seal("devices", "secret", d.ID, c.key.Secret)
		devices[n] = d
	}
	return devices
}

// late judges the rows whose serials were taken since they were compared.
func (b *importBatch) late(tx Tx, tenant, importID string, stored []string) error {
	b.free = slices.DeleteFunc(b.free, func(c importCandidate) bool { return slices.Contains(stored, c.device.ID) })
	if err := b.compare(tx, tenant, importID); err != nil {
		return err
	}
	for _, c := range b.free { // free again meanwhile
		b.refuse(c.row, errTaken)
	}
	return nil
}
