//go:build linux

// Command bench measures what doorward costs, side by side with the same Caddy
// without it, and writes docs/benchmarks.md.
//
//	make bench [BENCHFLAGS='-rounds 1 -time 1s -sessions 5000 -devices 1000,20000 -imports 2000']
//	make bench BENCHFLAGS=-imports-only
//
// It needs wrk, Linux and a machine that does nothing else. All it starts and
// writes, but the report, is gone when it ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings are the flags.
type settings struct {
	rounds, sessions, logins int
	imports                  int
	importsOnly              bool
	length                   time.Duration
	devices                  []int
	caddy, stock, file       string
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		fmt.Fprintln(os.Stderr, serve(os.Args[2], os.Args[3]))
		os.Exit(1)
	}
	var s settings
	flag.IntVar(&s.rounds, "rounds", 9, "paired rounds of each comparison")
	flag.DurationVar(&s.length, "time", 3*time.Second, "length of one run, in whole seconds")
	flag.IntVar(&s.sessions, "sessions", 100_000, "live sessions")
	flag.IntVar(&s.logins, "logins", 200, "logins of one round")
	flag.IntVar(&s.imports, "imports", 100_000, "devices to import")
	flag.BoolVar(&s.importsOnly, "imports-only", false, "measure imports alone, into a report that is there")
	flag.StringVar(&s.caddy, "caddy", filepath.Join("bin", "caddy"), "the gateway")
	flag.StringVar(&s.stock, "stock", filepath.Join("bin", "stock-caddy"), "Caddy without doorward")
	flag.StringVar(&s.file, "o", filepath.Join("docs", "benchmarks.md"), "the report")
	devices := flag.String("devices", "1000,1000000,5000000", "devices in the stores that logins are compared on, smallest first")
	flag.Parse()
	for _, word := range strings.Split(*devices, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			fail(fmt.Errorf("-devices: %w", err))
		}
		s.devices = append(s.devices, n)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// run measures everything; a bar that is not reached is no error.
func run(ctx context.Context, s settings) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if s.importsOnly {
		return runImports(ctx, s, dir)
	}
	wrk, err := findWrk(dir)
	if err != nil {
		return err
	}
	r := &report{}
	if err := r.describe(s); err != nil {
		return err
	}
	if err := measureRequests(ctx, s, dir, wrk, r); err != nil {
		return err
	}
	if err := measureLogins(ctx, s, dir, r); err != nil {
		return err
	}
	if err := measureImports(ctx, s, dir, r); err != nil {
		return err
	}
	text := r.markdown()
	fmt.Print(text)
	return os.WriteFile(s.file, []byte(text), 0o644)
}

// runImports leaves the rest of the report as it is.
func runImports(ctx context.Context, s settings, dir string) error {
	old, err := os.ReadFile(s.file)
	if err != nil {
		return err
	}
	r := &report{}
	if err := measureImports(ctx, s, dir, r); err != nil {
		return err
	}
	text, err := splice(string(old), importsHeading, r)
	if err != nil {
		return err
	}
	fmt.Print(r.body.String() + r.barRows())
	return os.WriteFile(s.file, []byte(text), 0o644)
}

// progress says on standard error what is being measured: a full run takes long.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}
