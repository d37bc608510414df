package oath_test

import (
	"math"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
)

func TestHOTPLookAhead(t *testing.T) {
	k := hotpKey()
	for _, c := range []struct {
		last      int64
		lookAhead int
		highest   int64 // that matches; the lowest is always last+1
	}{
		{-1, 0, 0},
		{9, 0, 10},
		{9, 1, 11},
		{9, 5, 15},
		{9, 50, 60},
		{9, 51, 60},
		{9, math.MaxInt, 60},
		{9, -1, 10},
		{9, math.MinInt, 10},
		{math.MaxInt64 - 1, 50, math.MaxInt64},
		{math.MaxInt64 - 30, 10, math.MaxInt64 - 19},
	} {
		for counter := max(c.last-60, 0); ; counter++ {
			got, ok := k.MatchHOTP(codeOf(k, counter), c.last, c.lookAhead)
			if want := counter > c.last && counter <= c.highest; ok != want || ok && got != counter {
				t.Errorf("last %d, look-ahead %d: counter %d matched %d, %v", c.last, c.lookAhead, counter, got, ok)
			}
			if counter == math.MaxInt64 || counter == c.highest+60 {
				break
			}
		}
	}
}

func TestHOTPEndsAtTheHighestCounter(t *testing.T) {
	k := hotpKey()
	for _, counter := range []int64{0, 1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1} {
		if got, ok := k.MatchHOTP(codeOf(k, counter), math.MaxInt64, 50); ok {
			t.Errorf("after the highest counter, that of %d matched %d", counter, got)
		}
	}
}

func TestNegativeCountersAreNeverTried(t *testing.T) {
	k, now := hotpKey(), time.Unix(0, 0)
	for _, last := range []int64{-2, -20, math.MinInt64} {
		for counter := int64(-20); counter < 0; counter++ {
			if got, ok := k.MatchHOTP(codeOf(k, counter), last, 50); ok {
				t.Errorf("last %d: counter %d matched %d", last, counter, got)
			}
			if got, ok := totpKey().MatchTOTP(codeOf(k, counter), now.Add(time.Duration(counter)*30*time.Second), last, 2, 0); ok {
				t.Errorf("last %d: step %d matched %d", last, counter, got)
			}
		}
	}
}

func TestTOTPWindow(t *testing.T) {
	const now = 40_000_000
	k := totpKey()
	for _, c := range []struct{ window, drift, from, to int }{
		{0, 0, 0, 0},
		{1, 0, -1, 1},
		{2, 0, -2, 2},
		{3, 0, -2, 2},
		{math.MaxInt, 0, -2, 2},
		{-1, 0, 0, 0},
		{math.MinInt, 0, 0, 0},
		{1, 2, 1, 3},
		{1, -2, -3, -1},
		{0, 500, 500, 500},
		{0, -500, -500, -500},
		{1, 501, 499, 501},
		{1, math.MaxInt, 499, 501},
		{1, math.MinInt, -501, -499},
	} {
		for offset := -510; offset <= 510; offset++ {
			step := int64(now + offset)
			got, ok := k.MatchTOTP(codeOf(k, step), at(now), -1, c.window, c.drift)
			if want := c.from <= offset && offset <= c.to; ok != want || ok && got != step {
				t.Errorf("window %d, drift %d: step now%+d matched %d, %v", c.window, c.drift, offset, got, ok)
			}
		}
	}
}

// A step begins with its first second and ends before the next one's.
func TestTOTPStepBoundaries(t *testing.T) {
	for _, period := range []int{15, 30, 60, 120} {
		k := keyWith(totpKey(), func(k *oath.Key) { k.Period = period })
		start := time.Unix(int64(period)*1000, 0)
		for moment, want := range map[time.Time]int64{
			start.Add(-time.Nanosecond): 999, start: 1000,
			start.Add(time.Duration(period)*time.Second - time.Nanosecond): 1000,
			start.Add(time.Duration(period) * time.Second):                 1001,
		} {
			if got, ok := k.MatchTOTP(codeOf(k, want), moment, -1, 0, 0); !ok || got != want {
				t.Errorf("period %d, at %v: step %d matched %d, %v", period, moment.UTC(), want, got, ok)
			}
		}
	}
}

func TestTOTPUsedAndOlderStepsAreRefused(t *testing.T) {
	const now = 40_000_000
	k := totpKey()
	for used := int64(now - 3); used <= now+3; used++ {
		for step := int64(now - 2); step <= now+2; step++ {
			got, ok := k.MatchTOTP(codeOf(k, step), at(now), used, 2, 0)
			if want := step > used; ok != want || ok && got != step {
				t.Errorf("used now%+d: step now%+d matched %d, %v", used-now, step-now, got, ok)
			}
		}
	}
	if got, ok := k.MatchTOTP(codeOf(k, now), at(now), math.MaxInt64, 2, 0); ok {
		t.Errorf("after the highest step it matched %d", got)
	}
}

func TestTOTPAtTheEdgesOfTime(t *testing.T) {
	k := totpKey()
	// 1970: the step of the last second before it is -1, not 0.
	if got, ok := k.MatchTOTP(codeOf(k, 0), time.Unix(-1, 0), -1, 0, 0); ok {
		t.Errorf("one second before 1970 it matched step %d", got)
	}
	if got, ok := k.MatchTOTP(codeOf(k, 0), time.Unix(-1, 0), -1, 1, 0); !ok || got != 0 {
		t.Errorf("one second before 1970, window 1: step 0 matched %d, %v", got, ok)
	}
	// 2106 and later: seconds need more than 32 bits, and so do steps in the end.
	for _, year := range []int{2106, 2107, 9999, 100_000} {
		now := time.Date(year, 2, 8, 0, 0, 0, 0, time.UTC)
		if got, ok := k.MatchTOTP(codeOf(k, now.Unix()/30), now, -1, 1, 0); !ok || got != now.Unix()/30 {
			t.Errorf("year %d: matched %d, %v", year, got, ok)
		}
	}
	for _, now := range []time.Time{{}, time.Unix(math.MinInt64, 0), time.Unix(math.MaxInt64, 0), time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		for _, drift := range []int{-500, 0, 500} {
			if got, ok := k.MatchTOTP("00000000", now, -1, 2, drift); ok {
				t.Errorf("at %v it matched %d", now, got)
			}
			if got, ok := k.ResyncTOTP("00000000", "00000000", now, -1); ok {
				t.Errorf("at %v it resynchronised to %d", now, got)
			}
		}
	}
}
