package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

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
