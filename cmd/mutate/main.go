// Command mutate shows that the tests hold the rules: it breaks one rule at a
// time and expects the test that is named beside it to fail.
//
//	go run ./cmd/mutate [-table docs/mutations.json] [-tags …] [words of a rule]
//
// The checkout is never changed: the go command reads the broken file through
// -overlay.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A mutation is one line of the table.
type mutation struct {
	Rule    string `json:"rule"`    // the law or row that is broken
	File    string `json:"file"`    // what to break, from the root of the module
	Find    string `json:"find"`    // exact text, there once
	Replace string `json:"replace"` // what stands in its place
	Package string `json:"package"` // whose test notices: ./authcore
	Run     string `json:"run"`     // and which: a pattern for go test -run
}

var tags = flag.String("tags", "", "build tags")

func main() {
	table := flag.String("table", filepath.Join("docs", "mutations.json"), "the table of mutations")
	flag.Parse()
	mutations, err := read(*table)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
	counts := map[string]int{}
	for _, m := range mutations {
		if !strings.Contains(m.Rule, strings.Join(flag.Args(), " ")) {
			continue
		}
		verdict, reason := try(m)
		counts[verdict]++
		fmt.Printf("%-8s  %s  %s\n", verdict, m.Rule, m.File)
		if reason != "" {
			fmt.Printf("          %s\n", strings.ReplaceAll(strings.TrimSpace(reason), "\n", "\n          "))
		}
	}
	if counts["BROKEN"] > 0 {
		fmt.Printf("%d broken\n", counts["BROKEN"])
	}
	fmt.Printf("%d killed, %d survived\n", counts["killed"], counts["SURVIVED"])
	// A run that tried nothing has shown nothing.
	if counts["killed"] == 0 || counts["SURVIVED"]+counts["BROKEN"] > 0 {
		os.Exit(1)
	}
}

func read(table string) ([]mutation, error) {
	f, err := os.Open(table)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	var mutations []mutation
	if err := decoder.Decode(&mutations); err != nil {
		return nil, fmt.Errorf("%s: %w", table, err)
	}
	return mutations, nil
}

// try breaks the rule and says whether the test noticed. A mutation is itself
// broken when its text is gone, when the result does not compile, or when the
// test does not pass, or does not exist, without it.
func try(m mutation) (verdict, reason string) {
	overlay, err := prepare(m)
	if overlay != "" {
		defer os.RemoveAll(filepath.Dir(overlay))
	}
	if err != nil {
		return "BROKEN", err.Error()
	}
	// Without the mutation: from go's test cache, after the first time.
	out, err := test(m, "")
	if err != nil || strings.Contains(out, "[no tests to run]") || strings.Contains(out, "[no test files]") {
		return "BROKEN", "without the mutation:\n" + out
	}
	out, err = test(m, overlay)
	switch {
	case err == nil:
		return "SURVIVED", ""
	case strings.Contains(out, "--- FAIL: "), strings.Contains(out, "panic: "):
		return "killed", ""
	default:
		return "BROKEN", out
	}
}

// prepare writes the broken file and the overlay that puts it in the place of
// the real one, both in a temporary folder.
func prepare(m mutation) (overlay string, err error) {
	file, err := filepath.Abs(m.File)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.Find); m.Find == "" || n != 1 {
		return "", fmt.Errorf("%q is there %d times, want 1", m.Find, n)
	}
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(folder, "overlay.json")
	broken := filepath.Join(folder, filepath.Base(file))
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{file: broken}})
	return overlay, errors.Join(err,
		os.WriteFile(broken, []byte(strings.Replace(string(text), m.Find, m.Replace, 1)), 0o600),
		os.WriteFile(overlay, replaced, 0o600))
}

// test runs the one test. Vet is left out: it would refuse some mutations
// before the test could.
func test(m mutation, overlay string) (string, error) {
	args := []string{"test", "-vet=off", "-timeout=2m", "-tags=" + *tags, "-run=" + m.Run}
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
	}
	out, err := exec.Command("go", append(args, m.Package)...).CombinedOutput()
	return string(out), err
}
