// Reads what `go test -json` writes: prints a line for each package, what a
// failed test said, the names of skipped tests, and in the last line how many
// passed and failed. Exits 1 when anything failed or nothing ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

func main() {
	passed, failed := 0, 0
	output := map[string][]string{} // what each unfinished test said
	failures := map[string]int{}    // failed tests of each package
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		var e event
		if json.Unmarshal([]byte(line), &e) != nil {
			fmt.Print(line) // of the go command itself
		}
		name := e.Package + e.ImportPath + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			output[name] = append(output[name], e.Output)
			if strings.HasPrefix(e.Output, `{"id":`) { // the result of an experiment
				fmt.Print(e.Output)
			}
		case "build-fail":
			fmt.Print(strings.Join(output[name], ""))
		case "skip":
			if e.Test != "" {
				fmt.Println("skip", name)
			}
		case "pass":
			if e.Test != "" {
				passed++
			} else {
				fmt.Printf("ok   %s %.1fs\n", e.Package, e.Elapsed)
			}
		case "fail":
			// A package also fails with its tests. It counts only when no test
			// of it did: it did not build, or died outside of one.
			if e.Test != "" || failures[e.Package] == 0 {
				failed++
			}
			failures[e.Package]++
			fmt.Print(strings.Join(output[name], ""))
			fmt.Printf("FAIL %s %.1fs\n", strings.TrimSpace(name), e.Elapsed)
		}
		if e.Action == "pass" || e.Action == "fail" || e.Action == "skip" {
			delete(output, name)
		}
		if err != nil {
			break
		}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
