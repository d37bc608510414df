package command

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/tokencsv"
	"github.com/doorward/doorward/caddymodule/admin"
)

// importReport tells what became of a file: every line that is refused, in their
// order, and how many were not. It holds no secret.
type importReport struct {
	New       int             `json:"new"`
	Unchanged int             `json:"unchanged"`
	Refused   []importRefusal `json:"refused"`
	DryRun    bool            `json:"dry_run"`
	Imported  bool            `json:"imported"`

	cmd     *cobra.Command
	refused int // of which as text only those of this batch are still held
}

type importRefusal struct {
	Line   int    `json:"line"`
	Serial string `json:"serial"`
	Reason string `json:"reason"`
}

func newReport(cmd *cobra.Command) importReport {
	dry, _ := cmd.Flags().GetBool(dryRunFlag)
	return importReport{cmd: cmd, DryRun: dry, Refused: []importRefusal{}}
}

// refuse notes a line. No reason holds a serial: what stands as one may be a secret.
func (r *importReport) refuse(line int, serial, reason string) {
	r.refused++
	r.Refused = append(r.Refused, importRefusal{line, tokencsv.ShownSerial(serial), reason})
}

// add takes the server's word. One that is not known must not read as a success.
func (r *importReport) add(row admin.ImportRow, result admin.ImportResult) {
	switch result.Outcome {
	case authcore.ImportNew:
		r.New++
	case authcore.ImportUnchanged:
		r.Unchanged++
	default:
		r.refuse(row.Line, row.Serial, cmp.Or(result.Reason, "the server did not take it"))
	}
}

func (r *importReport) lines() int { return r.New + r.Unchanged + r.refused }

// batch writes what is refused until now, as text: it is not held in memory.
func (r *importReport) batch() error {
	slices.SortStableFunc(r.Refused, func(a, b importRefusal) int { return cmp.Compare(a.Line, b.Line) })
	if asJSON(r.cmd) {
		return nil
	}
	var b strings.Builder
	for _, f := range r.Refused {
		fmt.Fprintf(&b, "line %d: ", f.Line)
		if f.Serial != "" {
			fmt.Fprintf(&b, "serial %s: ", f.Serial)
		}
		fmt.Fprintln(&b, printable(f.Reason))
	}
	r.Refused = r.Refused[:0]
	_, err := io.WriteString(r.cmd.OutOrStdout(), b.String())
	return err
}

func (r *importReport) end() error {
	if asJSON(r.cmd) {
		return writeJSON(r.cmd.OutOrStdout(), r)
	}
	became := "not imported"
	switch {
	case r.DryRun:
		became = "dry run"
	case r.Imported:
		became = "imported"
	}
	_, err := fmt.Fprintf(r.cmd.OutOrStdout(), "%s: %d new, %d unchanged, %d refused\n", became, r.New, r.Unchanged, r.refused)
	return err
}
