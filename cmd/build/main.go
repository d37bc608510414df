// Command build makes a custom Caddy from a file in the shape of
// xcaddy.Builder, with xcaddy's own library:
//
//	go run ./cmd/build [-o bin/caddy] [xcaddy.json]
//
// To add a module of somebody else's, add it to "plugins". The key module_path
// takes the import path of the package. A plugin whose module is replaced by a
// folder is taken from there, but needs a version all the same: any will do.
// Without "build_flags" xcaddy builds as `make build` does: trimmed, stripped,
// without cgo and without the databases that Caddy's standard modules would
// bring along.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/caddyserver/xcaddy"
)

func main() {
	output := flag.String("o", filepath.Join("bin", "caddy"), "the file to write")
	flag.Parse()
	file := "xcaddy.json"
	if flag.NArg() > 0 {
		file = flag.Arg(0)
	}
	// Ctrl-C stops the build and lets xcaddy remove its temporary folder.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := build(ctx, file, *output); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func build(ctx context.Context, file, output string) error {
	builder, err := read(file)
	if err != nil {
		return err
	}
	// Everything goes to standard error; without this, xcaddy sends what the go
	// commands say to standard output. A step ends only when this has returned,
	// so what it does after reading everything comes between two steps.
	var folder string
	builder.OnStep = func(step *xcaddy.StepEvent) error {
		fmt.Fprintln(os.Stderr, "==>", strings.ReplaceAll(string(step.Step), "_", " "))
		for lines := bufio.NewScanner(step.Output); lines.Scan(); {
			fmt.Fprintln(os.Stderr, lines.Text())
			if _, f, ok := strings.Cut(lines.Text(), "Temporary folder: "); ok {
				folder = f
			}
		}
		if step.Step == xcaddy.StepInitializeModule {
			return requireLocal(ctx, folder, builder)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
		return err
	}
	return builder.Build(ctx, output)
}

// read decodes the file. A key that xcaddy does not know is an error, because
// what it was meant to ask for would be missing from the binary.
func read(file string) (xcaddy.Builder, error) {
	var builder xcaddy.Builder
	f, err := os.Open(file)
	if err != nil {
		return builder, err
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&builder); err != nil {
		return builder, fmt.Errorf("%s: %w", file, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return builder, fmt.Errorf("%s: more than one JSON value", file)
	}
	// xcaddy builds in a temporary folder, so a path must not depend on where it
	// runs. Only what begins with a dot is a relative path; the rest are modules.
	for i, r := range builder.Replacements {
		if path := string(r.New); strings.HasPrefix(path, ".") {
			abs, err := filepath.Abs(filepath.Join(filepath.Dir(file), path))
			if err != nil {
				return builder, err
			}
			builder.Replacements[i].New = xcaddy.ReplacementPath(abs)
		}
	}
	return builder, nil
}

// requireLocal writes into the new go.mod which module a local plugin is in.
// Without it the go command asks the network whether a longer module path has
// the package, and a module proxy that refuses the question ends the build.
func requireLocal(ctx context.Context, folder string, builder xcaddy.Builder) error {
	for _, r := range builder.Replacements {
		for _, p := range builder.Plugins {
			if p.Version == "" || !strings.HasPrefix(p.PackagePath, string(r.Old)+"/") {
				continue
			}
			cmd := exec.CommandContext(ctx, "go", "mod", "edit", "-require="+string(r.Old)+"@"+p.Version)
			cmd.Dir = folder
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
		}
	}
	return nil
}
