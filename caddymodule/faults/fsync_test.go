package faults

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// FI-03: when a client reads 201, the kernel has been told to put everything
// that the login wrote on the disk. It stands in for a power loss.
func TestSyncedBeforeTheAnswer(t *testing.T) {
	x := begin(t, "FI-03")
	w := newWorld(t, "sqlite doorward.db")
	n := w.prepare()
	file := filepath.Join(n.dir, "trace")
	// -D: the gateway is the child of the test, and strace beside it.
	n.wrap = []string{tool(t, "strace", "strace"), "-D", "-f", "--seccomp-bpf", "-y", "-s", "64", "-e", "trace=fdatasync,fsync,pwrite64,write", "-o", file}
	n.run()
	n.awaitReady()
	p := n.enrol("alice", 1)
	const logins = 5
	for range logins {
		n.mustLogin(p)
		x.ack()
	}
	var trace []string
	x.until(10*time.Second, "the trace has every answer", func() bool {
		trace = lines(t, file)
		return count(trace, answer201) == logins
	})
	checked, unsynced := audit(trace)
	if checked != logins || unsynced != 0 {
		x.violate("%d answers were checked, and %d came before the sync of what was written", checked, unsynced)
	}
	// The check can fail: on a trace without the syncs, and on one in which the
	// last sync comes after the answer.
	if _, unsynced := audit(without(trace, synced)); unsynced != logins {
		x.violate("without any sync the check finds %d of %d answers", unsynced, logins)
	}
	if _, unsynced := audit(late(trace)); unsynced != logins {
		x.violate("with the syncs behind the answers the check finds %d of %d", unsynced, logins)
	}
	x.note("writes", count(trace, wrote))
	x.note("syncs", count(trace, synced))
}

// What lines of the trace say. A call during which another thread ran stands in
// two of them: the first counts for a write, the second for a sync.
var (
	wrote     = regexp.MustCompile(`^\d+ +(pwrite64|write)\(\d+<[^>]*doorward\.db-wal>`)
	began     = regexp.MustCompile(`^(\d+) +(fsync|fdatasync)\(\d+<[^>]*doorward\.db-wal>.*<unfinished`)
	synced    = regexp.MustCompile(`^\d+ +((fsync|fdatasync)\(\d+<[^>]*doorward\.db-wal>.*= 0|<\.\.\. (fsync|fdatasync) resumed>.*= 0)`)
	answer201 = regexp.MustCompile(`^\d+ +write\(.*"HTTP/1\.1 201 `)
)

// audit goes through a trace: at each 201, is anything written and not synced?
// A sync counts for what was written before it began. Between two answers must
// stand a write at all.
func audit(trace []string) (checked, unsynced int) {
	written, safe := 0, 0
	startedAt := map[string]int{} // thread -> what was written when its sync began
	last := 0
	for _, line := range trace {
		thread, _, _ := strings.Cut(line, " ")
		switch {
		case wrote.MatchString(line):
			written++
		case began.MatchString(line):
			startedAt[thread] = written
		case synced.MatchString(line):
			upTo, resumed := startedAt[thread]
			if delete(startedAt, thread); !resumed {
				upTo = written
				if strings.Contains(line, "resumed>") { // of another file
					continue
				}
			}
			safe = max(safe, upTo)
		case answer201.MatchString(line):
			checked++
			if written == last || safe < written {
				unsynced++
			}
			last = written
		}
	}
	return checked, unsynced
}

// late is the trace with every sync moved behind the next answer.
func late(trace []string) (moved []string) {
	var held []string
	for _, line := range trace {
		if synced.MatchString(line) || began.MatchString(line) {
			held = append(held, line)
			continue
		}
		moved = append(moved, line)
		if answer201.MatchString(line) {
			moved, held = append(moved, held...), nil
		}
	}
	return moved
}

func without(trace []string, what *regexp.Regexp) (left []string) {
	for _, line := range trace {
		if !what.MatchString(line) {
			left = append(left, line)
		}
	}
	return left
}

func count(trace []string, what *regexp.Regexp) int { return len(trace) - len(without(trace, what)) }

func lines(t *testing.T, file string) (all []string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		all = append(all, scanner.Text())
	}
	return all
}
