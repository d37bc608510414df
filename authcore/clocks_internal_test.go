package authcore

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// REL-10: how far this node's clock is from that of the database, which read
// its own somewhere between the two moments.
func TestSkew(t *testing.T) {
	before := time.Date(2026, 3, 1, 12, 0, 0, 500_900_000, time.UTC)
	after := before.Add(40 * time.Millisecond)
	for _, c := range []struct {
		name     string
		database time.Time
		want     time.Duration
	}{
		{"it is this node's own", time.Time{}, 0},
		{"in between", before.Add(20 * time.Millisecond), 0},
		{"at the beginning, without the rest of the millisecond", before.Truncate(time.Millisecond), 0},
		{"at the end", after, 0},
		{"behind", before.Add(-31 * time.Second), 31 * time.Second},
		{"ahead", after.Add(31 * time.Second), -31 * time.Second},
		{"just behind", before.Truncate(time.Millisecond).Add(-time.Millisecond), 1900 * time.Microsecond},
	} {
		if got := skew(c.database, before, after); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A node whose clock is more than 30 s off judges no code, and says so; from 2 s
// on it remarks. Both directions count alike.
func TestSkewedNode(t *testing.T) {
	now := time.Now()
	c := New(Options{Live: NewLive(), Store: quietStore{}, Clock: fixedClock{now}})
	c.live.View.asOf = now
	for _, d := range []struct {
		by                time.Duration
		refused, remarked bool
	}{
		{0, false, false},
		{2 * time.Second, false, false},
		{2*time.Second + 1, false, true},
		{30 * time.Second, false, true},
		{30*time.Second + 1, true, false},
		{1 << 62, true, false},
	} {
		for _, by := range []time.Duration{d.by, -d.by} {
			c.live.View.skew = by
			remark, err := c.Ready()
			if (CodeOf(err) == CodeUnavailable) != d.refused || (err == nil) == d.refused || (remark != "") != d.remarked {
				t.Errorf("at %s it is ready with %q, %v", by, remark, err)
			}
			if !d.refused {
				continue
			}
			if _, err := c.Logins.Primary(t.Context(), Attempt{Name: "alice", Password: "x"}); CodeOf(err) != CodeUnavailable {
				t.Errorf("at %s a password gets %v", by, err)
			}
			if _, err := c.Logins.Second(t.Context(), &Verified{user: User{ID: "u"}}, "123456"); CodeOf(err) != CodeUnavailable {
				t.Errorf("at %s a code gets %v", by, err)
			}
			if _, err := c.Devices.Validate(t.Context(), Operator(), Checked{Device: "S1", Code: "123456"}); CodeOf(err) != CodeUnavailable {
				t.Errorf("at %s a code that is asked about gets %v", by, err)
			}
		}
	}
}

// The operator is told once when the clock leaves that of the database, and
// once when it is back.
func TestSkewIsToldOfOnce(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	var s clockSkew
	for _, step := range []struct {
		by   time.Duration
		told string
	}{
		{0, ""},
		{time.Second, ""},
		{3 * time.Second, "is not that of the database"},
		{time.Hour, ""},
		{-time.Hour, ""},
		{3 * time.Second, ""},
		{0, "is that of the database again"},
		{0, ""},
		{-3 * time.Second, "is not that of the database"},
	} {
		out.Reset()
		s.look(step.by, log)
		if step.told == "" && out.Len() > 0 || !strings.Contains(out.String(), step.told) {
			t.Errorf("at %s it says %q, want %q", step.by, &out, step.told)
		}
	}
}

// The view takes the skew from the feed that it reads.
func TestRefreshMeasuresTheSkew(t *testing.T) {
	now := time.Now()
	live := NewLive()
	for _, by := range []time.Duration{time.Minute, -time.Minute, 0} {
		store := feed{tx: feedTx{cursor: Cursor{Position: "1", Clock: now.Add(-by)}}}
		if err := live.Refresh(t.Context(), store, now); err != nil {
			t.Fatal(err)
		}
		if got := live.View.clockSkew(); (got-by).Abs() > 10*time.Second || by == 0 && got != 0 {
			t.Errorf("a clock that is %s ahead is measured as %s", by, got)
		}
		live.skew.look(live.View.clockSkew(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	}
}
