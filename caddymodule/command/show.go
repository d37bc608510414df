package command

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

// printable quotes what could drive a terminal or hide in it: control
// characters, marks that turn the direction of writing, what is not UTF-8.
func printable(s string) string {
	odd := func(r rune) bool { return r == unicode.ReplacementChar || !strconv.IsPrint(r) }
	if strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}

// field is one line of what is known about a thing.
type field struct{ key, value string }

// writeFields writes "key: value" lines; what is empty is left out.
func writeFields(cmd *cobra.Command, fields ...field) error {
	var b strings.Builder
	for _, f := range fields {
		if f.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", f.key, printable(f.value))
		}
	}
	_, err := io.WriteString(cmd.OutOrStdout(), b.String())
	return err
}

// writeTable writes aligned columns below a header, "-" for what is empty.
func writeTable[Row any](header string, cells func(Row) []string) func(*cobra.Command, []Row) error {
	return func(cmd *cobra.Command, rows []Row) error {
		w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, strings.ReplaceAll(header, " ", "\t"))
		for _, row := range rows {
			line := cells(row)
			for i, cell := range line {
				if line[i] = printable(cell); cell == "" {
					line[i] = "-"
				}
			}
			fmt.Fprintln(w, strings.Join(line, "\t"))
		}
		return w.Flush()
	}
}

// say writes one line about what was changed.
func say[Out any](format string, names func(Out) []any) func(*cobra.Command, Out) error {
	return func(cmd *cobra.Command, out Out) error {
		words := names(out)
		for i, word := range words {
			words[i] = printable(fmt.Sprint(word))
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), format+"\n", words...)
		return err
	}
}

// moment is t as text; empty for never.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
