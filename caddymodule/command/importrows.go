package command

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
	"github.com/doorward/doorward/caddymodule/admin"
)

// batches reads the file to its end: the report has every line that is refused.
func (r *importRun) batches() error {
	var rows []admin.ImportRow
	for more, read := true, 0; more; {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		key, err := r.file.Next()
		var bad *pskc.KeyError
		switch {
		case errors.Is(err, io.EOF):
			more = false
		case errors.As(err, &bad):
			r.report.refuse(bad.Line, bad.Serial, bad.Reason)
			_ = r.doubled(bad.Serial, bad.Line)
		case err != nil:
			return nameFlag(r.report.cmd, err)
		default:
			if reason := r.unfit(key); reason != "" {
				r.report.refuse(key.Line, key.Serial, reason)
			} else {
				rows = append(rows, importRow(key))
			}
		}
		if read++; read == authcore.ImportBatch || !more {
			if err := r.send(rows); err != nil {
				return err
			}
			rows, read = rows[:0], 0
		}
	}
	if r.report.lines() == 0 {
		return errors.New("no device stands in the file")
	}
	return nil
}

func importRow(k pskc.Key) admin.ImportRow {
	return admin.ImportRow{
		Line: k.Line, Serial: k.Serial, Kind: k.Kind, Secret: oath.FormatSecret(k.Secret), Algorithm: string(k.Algorithm),
		Digits: k.Digits, Period: k.Period, Counter: k.Counter, Drift: k.Drift, Name: friendly(k.FriendlyName),
		ExpiresAt: k.Expires.UTC(),
	}
}

// friendly is a name that a device can have: for another one no key is refused.
func friendly(name string) string {
	if utf8.RuneCountInString(name) > 64 || printable(name) != name {
		return ""
	}
	return name
}

// unfit says why a key can't be sent; empty: it can.
func (r *importRun) unfit(k pskc.Key) string {
	const most = 64 // what the server takes, and a batch has room for
	if len(k.Serial) > most {
		return fmt.Sprintf("the serial has %d characters: %d are allowed", len(k.Serial), most)
	}
	return r.doubled(k.Serial, k.Line)
}

// doubled notes the line of a serial, and says where that was before.
func (r *importRun) doubled(serial string, line int) string {
	if serial == "" {
		return ""
	}
	var key [16]byte
	sum := sha256.Sum256([]byte(serial))
	copy(key[:], sum[:])
	if first, found := r.seen[key]; found {
		return fmt.Sprintf("the serial was in line %d already", first)
	}
	r.seen[key] = line
	return ""
}

// send brings a batch to the server, and what became of it into the report.
func (r *importRun) send(rows []admin.ImportRow) error {
	if len(rows) > 0 {
		operation := "stage"
		if r.report.DryRun {
			operation = "check"
		} else if r.id == "" {
			if err := r.begin(); err != nil {
				return err
			}
		}
		var results []admin.ImportResult
		if err := r.call(r.ctx, operation, admin.ImportBatch{InTenant: r.tenant, Import: r.id, Rows: rows}, &results); err != nil {
			return err
		}
		if len(results) != len(rows) {
			return fmt.Errorf("the server tells of %d rows, and %d were sent", len(results), len(rows))
		}
		for i, result := range results {
			r.report.add(rows[i], result)
		}
	}
	if len(r.report.Refused) > 0 {
		r.file.hideBar()
	}
	defer r.file.showBar()
	return r.report.batch()
}
