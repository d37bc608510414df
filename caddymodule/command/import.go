package command

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
	"github.com/doorward/doorward/caddymodule/admin"
)

const (
	dryRunFlag  = "dry-run"
	skipBadFlag = "skip-bad"
)

func deviceImport() *cobra.Command {
	cmd := verb("import FILE [--dry-run] [--skip-bad] [--key-stdin] [--password-stdin]", "Brings the devices of a PSKC or CSV file into stock, all or none", runImport)
	flags := cmd.Flags()
	flags.Bool(dryRunFlag, false, "Tell what would become of each line, and change nothing")
	flags.Bool(skipBadFlag, false, "Import the others when lines are refused")
	flags.Bool(keyFlag, false, "Read the key of an encrypted PSKC file from standard input, one line of hex")
	flags.Bool(passwordFlag, false, "Read the password of an encrypted PSKC file from standard input, one line")
	return cmd
}

// importRun is a file on its way to the server, in batches.
type importRun struct {
	ctx     context.Context // ends when the operator interrupts
	address string
	tenant  admin.InTenant
	file    *importFile
	id      string // of the server's import; empty in a dry run
	report  importReport
	seen    map[[16]byte]int // the line of each serial, by its hash
}

func runImport(cmd *cobra.Command, args []string) error {
	file, err := openImport(cmd, args[0])
	if err != nil {
		return errors.New(printable(err.Error()))
	}
	defer file.Close()
	address, err := adminAddress(cmd)
	if err != nil {
		return errors.New(printable(err.Error()))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // who interrupts twice need not wait
	r := &importRun{ctx: ctx, address: address, tenant: inTenant(cmd), file: file, report: newReport(cmd), seen: map[[16]byte]int{}}
	defer file.endBar()
	if err := r.batches(); err != nil {
		return r.failed(err)
	}
	skip, _ := cmd.Flags().GetBool(skipBadFlag)
	return r.finish(r.report.refused == 0 || skip)
}

// begin waits until an import may begin: one goes on at a time.
func (r *importRun) begin() error {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for waited := false; ; waited = true {
		var begun admin.ImportRef
		err := r.call(r.ctx, "begin", r.tenant, &begun)
		if r.id = begun.Import; err != nil || r.id != "" {
			return err
		}
		if !waited {
			r.report.cmd.PrintErrln("another import runs, or broke off a moment ago: this one begins when that has ended or is removed")
		}
		select {
		case <-again.C:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}

// finish makes the devices be there, or go, and writes the report.
func (r *importRun) finish(good bool) error {
	var left error
	switch {
	case r.report.DryRun:
	case good && r.id == "": // no line was worth a batch
		r.report.Imported = true
	case good:
		// Whoever interrupts now is told how it ended.
		if err := r.call(context.WithoutCancel(r.ctx), "end", admin.ImportRef{InTenant: r.tenant, Import: r.id}, &admin.ImportRef{}); err != nil {
			return errors.New(printable(err.Error() + ": whether the devices are there is not known: import the file again, which changes nothing if they are"))
		}
		r.report.Imported = true
	default:
		left = r.abandon()
	}
	r.file.endBar()
	if r.file.signed() {
		r.report.cmd.PrintErrln("the file is signed, and nobody checked that signature: who altered it could have left it away")
	}
	if err := r.report.end(); err != nil || good {
		return err
	}
	err := errors.New("nothing was imported, for there are lines that are refused: mend them, or import the others with --skip-bad")
	if left != nil {
		err = fmt.Errorf("%w; %s", err, printable(left.Error()))
	}
	return err
}

// batches reads the file to its end: the report has every line that is refused.
func (r *importRun) batches() error {
	var rows []admin.ImportRow
	for more := true; more; {
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
			return err
		default:
			if reason := r.unfit(key); reason != "" {
				r.report.refuse(key.Line, key.Serial, reason)
			} else {
				rows = append(rows, importRow(key))
			}
		}
		if len(rows) == authcore.ImportBatch || !more {
			if err := r.send(rows); err != nil {
				return err
			}
			rows = rows[:0]
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
	if reason := r.doubled(k.Serial, k.Line); reason != "" {
		return reason
	}
	if !k.Expires.IsZero() { // RFC 6030 section 5: a policy that can't be kept refuses the key
		return fmt.Sprintf("the key must not be used after %s, and devices here know no such end: ask its maker for a file without ExpiryDate", k.Expires.UTC().Format(time.DateOnly))
	}
	return ""
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
		return fmt.Sprintf("the serial %s was in line %d already", serial, first)
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

// abandon has the server remove what was sent, also when the operator interrupted.
func (r *importRun) abandon() error {
	for r.id != "" {
		var gone admin.Abandoned
		if err := r.call(context.WithoutCancel(r.ctx), "abandon", admin.ImportRef{InTenant: r.tenant, Import: r.id}, &gone); err != nil {
			return fmt.Errorf("the server could not be told to remove what was sent, and will do so within the hour: %w", err)
		}
		if gone.Done {
			r.id = ""
		}
	}
	return nil
}

// failed is how an import ends that can't go on.
func (r *importRun) failed(err error) error {
	if r.ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	text := "nothing was imported: " + err.Error()
	if err = r.abandon(); err != nil {
		text += "; " + err.Error()
	}
	return errors.New(printable(text))
}

func (r *importRun) call(ctx context.Context, operation string, in, out any) error {
	return call(ctx, r.address, "device/import/"+operation, in, out)
}
