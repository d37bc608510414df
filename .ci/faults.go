// Reads what `make faults` prints, passes it on, and writes docs/faults.md: a
// table of the experiments, and the last line, which counts. Exits 1 when one
// failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
)

type experiment struct {
	ID, Test          string
	Seconds           float64
	Acked, Violations int
	Slowest           int `json:"slowest_ms"`
	More              map[string]json.RawMessage
}

const header = `# Experiments in bad weather

Whole gateways, as processes of their own, with real databases that are frozen, killed, cut off,
full or replaced, with floods, crashes and wrong clocks. Made by ` + "`make faults`" + `; the short ones run in
` + "`make test`" + ` too. Each is a test of caddymodule/faults, whose comment says what must hold. *Acked* is
what was acknowledged and then held against the outcome; *slowest* the longest answer; a violation
fails the run.

| experiment | test | s | acked | violations | slowest ms | measured |
|---|---|---:|---:|---:|---:|---|
`

func main() {
	var all []experiment
	last := ""
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		fmt.Println(lines.Text())
		last = lines.Text()
		var e experiment
		if strings.HasPrefix(last, `{"id":`) && json.Unmarshal(lines.Bytes(), &e) == nil {
			all = append(all, e)
		}
	}
	if len(all) == 0 {
		fmt.Println("there was no experiment")
		os.Exit(1)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	text := header
	for _, e := range all {
		text += fmt.Sprintf("| %s | %s | %.1f | %d | %d | %d | %s |\n", e.ID, e.Test, e.Seconds, e.Acked, e.Violations, e.Slowest, e.measured())
	}
	if err := os.WriteFile("docs/faults.md", []byte(text+"\n"+last+"\n"), 0o644); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if !strings.HasSuffix(last, " 0 failed") {
		os.Exit(1)
	}
}

func (e experiment) measured() string {
	var words []string
	for name, value := range e.More {
		text := strings.NewReplacer("|", "/", "\n", " ").Replace(string(value))
		words = append(words, strings.ReplaceAll(name, "_", " ")+" "+text)
	}
	sort.Strings(words)
	return strings.Join(words, "; ")
}
