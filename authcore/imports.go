package authcore

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore/oath"
)

// Imports brings devices into stock by the hundred thousand, in batches, all of which
// are there at once at the end: until then they are there for nobody, and a login
// waits for no more than a batch.
type Imports struct{ *Core }

// ImportBatch is how many rows a batch has at most.
const ImportBatch = 200

// ImportRow is one device of a file.
type ImportRow struct {
	Line      int // of the file, for the report
	Serial    string
	Kind      DeviceKind // totp or hotp
	Secret    []byte
	Algorithm oath.Algorithm // default SHA1
	Digits    int            // 6 (default) or 8
	Period    int            // TOTP: seconds, default 30
	Counter   int64          // HOTP: the next one
	Drift     int            // TOTP: steps that its clock is ahead, up to 500 to either side
	Name      string
	Expires   time.Time // from when on its codes don't count; zero: they always do
}

// What became of a row.
const (
	ImportNew       = "new"
	ImportUnchanged = "unchanged" // it was there already, the same
	ImportRefused   = "refused"
)

// ImportResult says what became of a row, and why it was refused.
type ImportResult struct {
	Line    int
	Outcome string
	Reason  string
}

// Begin begins an import into the actor's tenant.
func (s *Imports) Begin(ctx context.Context, actor Actor) (id string, err error) {
	if err := actor.administers(); err != nil {
		return "", err
	}
	i := Import{ID: uuid.NewString(), Tenant: actor.home(), TouchedAt: s.now()}
	return i.ID, s.store.Write(ctx, func(tx Tx) error { return tx.CreateImport(i) })
}

// Stage stores a batch of up to ImportBatch rows. Rows that can't be are refused one
// by one. A row whose device is there already, with the same secret and parameters,
// changes nothing, whoever has it. CodeNotFound as for End.
func (s *Imports) Stage(ctx context.Context, actor Actor, id string, rows []ImportRow) ([]ImportResult, error) {
	b, err := s.batch(actor, rows)
	if err != nil {
		return nil, err
	}
	var i Import
	err = s.store.Read(ctx, func(tx Tx) (err error) {
		if i, err = findImport(tx, actor, id); err != nil {
			return err
		}
		return b.compare(tx, i.Tenant, id)
	})
	if err != nil {
		return nil, err
	}
	devices := b.seal(i.Tenant)
	err = s.store.Write(ctx, func(tx Tx) error {
		if err := tx.TouchImport(id, s.now()); err != nil {
			return noImport(err)
		}
		stored, err := tx.StageDevices(id, devices)
		if err != nil || len(stored) == len(devices) {
			return err
		}
		return b.late(tx, i.Tenant, id, stored)
	})
	if err != nil {
		return nil, err
	}
	return b.results, nil
}

// Check says of a batch what Stage would, and writes nothing. It knows no batch
// before this one.
func (s *Imports) Check(ctx context.Context, actor Actor, rows []ImportRow) ([]ImportResult, error) {
	b, err := s.batch(actor, rows)
	if err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx Tx) error { return b.compare(tx, actor.home(), "") })
	if err != nil {
		return nil, err
	}
	return b.results, nil
}

// End makes all devices of an import be there. CodeNotFound when it has ended, or is
// gone: because it was abandoned, or stood still for an hour.
func (s *Imports) End(ctx context.Context, actor Actor, id string) error {
	return s.write(ctx, func(tx *journal) error {
		i, err := findImport(tx, actor, id)
		if err != nil {
			return err
		}
		if err := tx.TouchImport(id, s.now()); err != nil { // no batch comes after the count
			return noImport(err)
		}
		n, err := tx.CountStaged(id)
		if err != nil {
			return err
		}
		if _, err := tx.EndImport(id); err != nil {
			return err
		}
		return s.record(tx, Event{
			Actor: actor.String(), Action: "device.import", Outcome: OutcomeOK, Reason: strconv.FormatInt(n, 10), Tenant: i.Tenant,
		})
	})
}

// Abandon removes what an import brought, a batch at each call, and says whether
// that was the last. From the first call on the import can't go on or end.
func (s *Imports) Abandon(ctx context.Context, actor Actor, id string) (done bool, err error) {
	err = s.store.Write(ctx, func(tx Tx) error {
		if _, err := findImport(tx, actor, id); err != nil {
			return err
		}
		n, err := tx.DropStaged(id, ImportBatch)
		done = n < ImportBatch
		return err
	})
	return done && err == nil, err
}

// findImport is where the actor is held against an import.
func findImport(tx Tx, actor Actor, id string) (Import, error) {
	if err := actor.administers(); err != nil {
		return Import{}, err
	}
	i, err := tx.Import(id)
	if err == nil {
		err = actor.maySee(i.Tenant, "", "import")
	}
	if err != nil {
		return Import{}, noImport(err)
	}
	return i, nil
}

// noImport says what it may mean that there is none.
func noImport(err error) error {
	if CodeOf(err) != CodeNotFound {
		return err
	}
	return Errorf(CodeNotFound, "there is no such import: it has ended, or was abandoned, or stood still for an hour")
}
