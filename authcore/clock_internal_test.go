package authcore

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// setWall gives t as it would read if the wall clock had been set: another wall
// clock, the same monotonic one. No API makes such a time, and a test may not
// set the machine's clock (M19), so the test reaches into time.Time: the
// seconds stand above the 30 bits of the nanoseconds.
func setWall(t time.Time, by time.Duration) time.Time {
	wall := (*uint64)(unsafe.Pointer(&t))
	*wall += uint64(int64(by/time.Second)) << 30
	return t
}

// REL-10, FI-10: a clock that was set is logged, and Ready remarks on it for an
// hour.
func TestClockJumpIsToldOf(t *testing.T) {
	start := time.Now()
	if by := setWall(start, time.Hour).Round(0).Sub(start.Round(0)); by != time.Hour || setWall(start, time.Hour).Sub(start) != 0 {
		t.Fatalf("setWall moved the wall clock by %s", by)
	}
	for _, c := range []struct {
		name   string
		by     time.Duration
		jumped bool
	}{
		{"not set", 0, false},
		{"a little", 5 * time.Minute, false},
		{"ahead", 5*time.Minute + time.Second, true},
		{"back", -time.Hour, true},
		{"ten years ahead", 10 * 365 * 24 * time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			var j clockJump
			log := slog.New(slog.NewTextHandler(&out, nil))
			j.look(start, log)
			// A machine that slept or was busy is no jump: both clocks went on.
			j.look(start.Add(time.Hour), log)
			if out.Len() > 0 {
				t.Fatalf("time that passed is told of as a jump: %s", &out)
			}
			after := setWall(start.Add(2*time.Hour), c.by)
			j.look(after, log)
			if logged := strings.Contains(out.String(), "jumped"); logged != c.jumped {
				t.Errorf("logged %v, want %v: %s", logged, c.jumped, &out)
			}
			if said := j.remark(after.Add(time.Hour)) != ""; said != c.jumped {
				t.Errorf("remarked %v, want %v", said, c.jumped)
			}
			if remark := j.remark(after.Add(time.Hour + time.Second)); remark != "" {
				t.Errorf("still remarks after an hour: %s", remark)
			}
			before := out.Len()
			j.look(after.Add(time.Second), log)
			if out.Len() != before {
				t.Error("told of twice")
			}
		})
	}
}
