package authcore

import (
	"context"

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
	Drift     int            // TOTP: steps that its clock is ahead
	PIN       string
	Name      string
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
	return "", errNotBuilt
}

// Stage stores a batch. Rows that can't be are refused one by one.
func (s *Imports) Stage(ctx context.Context, actor Actor, id string, rows []ImportRow) ([]ImportResult, error) {
	return nil, errNotBuilt
}

// Check says of a batch what Stage would, and writes nothing.
func (s *Imports) Check(ctx context.Context, actor Actor, rows []ImportRow) ([]ImportResult, error) {
	return nil, errNotBuilt
}

// End makes all devices of an import be there. CodeNotFound when it has ended, or
// stood still for an hour.
func (s *Imports) End(ctx context.Context, actor Actor, id string) error { return errNotBuilt }

// Abandon removes what an import brought, a batch at each call, and says whether
// that was the last.
func (s *Imports) Abandon(ctx context.Context, actor Actor, id string) (done bool, err error) {
	return false, errNotBuilt
}
