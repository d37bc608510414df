package authcore

import (
	"errors"
	"log/slog"
	"sync"
	"time"
)

// How far the clock of a node may be from that of the database. Codes and
// pauses are judged by the node's clock: far off, it would take codes that
// another node has long refused.
const (
	skewRemark = 2 * time.Second
	skewLimit  = 30 * time.Second
)

// skew compares a moment of the database with the two of this node that it lies
// between. A zero moment is that of this node itself.
func skew(database, before, after time.Time) time.Duration {
	switch {
	case database.IsZero():
		return 0
	case database.Before(before.Truncate(time.Millisecond)): // it comes without the rest
		return before.Sub(database)
	case database.After(after):
		return after.Sub(database)
	}
	return 0
}

var errSkew = errors.New("the clock of this node is too far from that of the database")

// inTime refuses to judge codes by a clock that is too far off.
func (c *Core) inTime() error {
	if c.live.View.clockSkew().Abs() > skewLimit {
		return Unavailable(errSkew)
	}
	return nil
}

// clockSkew tells the operator when a node's clock leaves that of the database,
// and when it is back.
type clockSkew struct{ told bool }

func (s *clockSkew) look(by time.Duration, log *slog.Logger) {
	off := by.Abs() > skewRemark
	if off && !s.told {
		log.Error("the clock of this machine is not that of the database: set it, as by NTP", "ahead_by", by)
	} else if !off && s.told {
		log.Info("the clock of this machine is that of the database again")
	}
	s.told = off
}

// clockJump notices that the wall clock was set. Nothing depends on it: used
// counters guard themselves. The operator should know.
type clockJump struct {
	mu   sync.Mutex
	last time.Time
	by   time.Duration
	at   time.Time
}

func (j *clockJump) look(now time.Time, log *slog.Logger) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.last.IsZero() {
		// Round(0) drops the monotonic reading: what is left is the wall clock.
		by := now.Round(0).Sub(j.last.Round(0)) - now.Sub(j.last)
		if by.Abs() > 5*time.Minute {
			j.by, j.at = by, now
			log.Error("the clock of this machine jumped", "by", by)
		}
	}
	j.last = now
}

// remark tells of a jump within the last hour.
func (j *clockJump) remark(now time.Time) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.at.IsZero() || now.Sub(j.at) > time.Hour {
		return ""
	}
	return "the clock of this machine jumped by " + j.by.String() + " at " + j.at.UTC().Format(time.RFC3339)
}
