//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is docs/benchmarks.md while it grows.
type report struct {
	head, body strings.Builder
	bars       []bar
}

// A bar is a number that was promised.
type bar struct {
	what, limit, value string
	reached            bool
}

func (r *report) bar(what, limit, value string, reached bool) {
	r.bars = append(r.bars, bar{what, limit, value, reached})
}

// describe says how the report was made, and on what.
func (r *report) describe(s settings) error {
	goVersion, caddy, err := versions(s.caddy)
	if err != nil {
		return err
	}
	fmt.Fprintf(&r.head, `# Benchmarks

Made by `+"`make bench`"+` on %s: %s, %d cores, %s, Caddy %s, loopback. %d paired rounds of %s,
%d sessions. Do not edit: run it again.

The base is a site without doorward in the same process, measured just before each other site.
Absolute numbers are medians of the rounds, ratios medians of the rounds' ratios; wrk with one
thread and 32 keep-alive connections asks an app that answers 1 KiB, and the load, the gateway and
the app share the cores. CPU is the gateway's, in user and kernel mode. Differences of CPU and time
under 3 %% are not resolved; allocations are, but for a fraction that the process itself adds. Requests
have the headers that every browser sends. All processes run with GOMEMLIMIT=`+memory+`.

`, time.Now().Format("2006-01-02"), processor(), runtime.NumCPU(), goVersion, caddy, s.rounds, s.length, s.sessions)
	return nil
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return runtime.GOARCH
}

// table begins a table under a heading; row goes on with it.
func (r *report) table(heading, note string, columns ...string) {
	fmt.Fprintf(&r.body, "\n## %s\n\n", heading)
	if note != "" {
		fmt.Fprintf(&r.body, "%s\n\n", note)
	}
	r.row(columns...)
	fmt.Fprintf(&r.body, "|---|%s\n", strings.Repeat("---:|", len(columns)-1))
}

func (r *report) row(cells ...string) { fmt.Fprintf(&r.body, "| %s |\n", strings.Join(cells, " | ")) }

// markdown is the whole: what was promised comes first.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString(r.head.String())
	b.WriteString("| promised | limit | measured | |\n|---|---:|---:|---|\n")
	b.WriteString(r.barRows())
	b.WriteString(r.body.String())
	return b.String()
}

func (r *report) barRows() string {
	var b strings.Builder
	for _, bar := range r.bars {
		verdict := "reached"
		if !bar.reached {
			verdict = "**not reached**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", bar.what, bar.limit, bar.value, verdict)
	}
	return b.String()
}
