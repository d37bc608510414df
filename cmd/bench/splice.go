//go:build linux

package main

import (
	"fmt"
	"strings"
)

// splice puts one section and its bars into a report in place of those that are
// there, or at the end: a whole run takes hours.
func splice(old, heading string, r *report) (string, error) {
	const bars, section = "|---|---:|---:|---|\n", "\n## "
	head, rest, found := strings.Cut(old, bars)
	table, body, found2 := strings.Cut(rest, section)
	if !found || !found2 {
		return "", fmt.Errorf("there is no whole report to put %q into", heading)
	}
	var b strings.Builder
	b.WriteString(head + bars)
	fresh := r.barRows()
	for line := range strings.Lines(table) {
		if cells := strings.SplitN(line, " | ", 2); len(cells) == 2 && !strings.Contains(fresh, cells[0]+" | ") {
			b.WriteString(line)
		}
	}
	b.WriteString(fresh)
	for _, text := range strings.Split(section+body, section)[1:] {
		if name, _, _ := strings.Cut(text, "\n"); name != heading {
			b.WriteString(section + text)
		}
	}
	return b.String() + r.body.String(), nil
}
