//go:build linux

package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed tokens.lua
var tokensLua []byte

// wrk is the load generator, with one script for every site, so that they differ
// in the site alone.
type wrk struct {
	program, script string
	connections     int
}

// answers is what the script prints when wrk is done.
type answers struct {
	Requests     int     `json:"requests"`
	Microseconds float64 `json:"microseconds"`
	P50          float64 `json:"p50"` // microseconds
	P99          float64 `json:"p99"`
	Refused      int     `json:"refused"` // a status of 400 or above
	Broken       int     `json:"broken"`  // connections, reads, writes, time-outs
}

func findWrk(dir string) (*wrk, error) {
	program, err := exec.LookPath("wrk")
	if err != nil {
		return nil, errors.New("wrk is missing; on Debian: sudo apt-get install wrk")
	}
	script := filepath.Join(dir, "tokens.lua")
	return &wrk{program, script, 32}, os.WriteFile(script, tokensLua, 0o600)
}

// run sends requests for a time, with the tokens of a file in turn from number
// first on. One thread of wrk is more than a gateway on two cores can answer.
func (w *wrk) run(ctx context.Context, address, tokens string, first int, length time.Duration) (answers, error) {
	cmd := exec.CommandContext(ctx, w.program, "-t1", "-c"+strconv.Itoa(w.connections),
		fmt.Sprintf("-d%ds", max(1, int(length.Seconds()))), "--timeout", "10s",
		"-s", w.script, "http://"+address+"/", "--", tokens, strconv.Itoa(first))
	out, err := cmd.CombinedOutput()
	if err != nil {
		return answers{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	return parseAnswers(string(out))
}

// parseAnswers finds the script's line in what wrk printed. A run in which a
// request failed has measured something else.
func parseAnswers(out string) (answers, error) {
	var a answers
	_, line, found := strings.Cut(out, "bench: ")
	if !found {
		return a, fmt.Errorf("wrk printed no result: %s", out)
	}
	line, _, _ = strings.Cut(line, "\n")
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		return a, fmt.Errorf("wrk printed %q: %w", line, err)
	}
	if a.Refused > 0 || a.Broken > 0 || a.Requests == 0 || a.Microseconds <= 0 {
		return a, fmt.Errorf("of %d requests %d were refused and %d broke", a.Requests, a.Refused, a.Broken)
	}
	return a, nil
}

func (a answers) perSecond() float64 { return float64(a.Requests) / a.Microseconds * 1e6 }
