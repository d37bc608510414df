package oath_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
	"pgregory.net/rapid"
)

func drawKey(t *rapid.T) oath.Key {
	return oath.Key{
		Secret:    rapid.SliceOfN(rapid.Byte(), 16, 128).Draw(t, "secret"),
		Algorithm: rapid.SampledFrom([]oath.Algorithm{oath.SHA1, oath.SHA256, oath.SHA512}).Draw(t, "algorithm"),
		Digits:    rapid.SampledFrom([]int{6, 8}).Draw(t, "digits"),
	}
}

// lowest is the slow and obvious search.
func lowest(k oath.Key, code string, from, to int64) (int64, bool) {
	for c := max(from, 0); c <= to; c++ {
		if codeOf(k, c) == code {
			return c, true
		}
	}
	return -1, false
}

func TestMatchHOTPIsTheLowestInTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKey(t)
		last := rapid.Int64Range(-1, 1<<62).Draw(t, "last")
		lookAhead := rapid.IntRange(0, oath.MaxLookAhead).Draw(t, "look-ahead")
		code := codeOf(k, last+rapid.Int64Range(-5, 60).Draw(t, "offset"))
		want, wantOK := lowest(k, code, last+1, last+1+int64(lookAhead))
		if got, ok := k.MatchHOTP(code, last, lookAhead); got != want || ok != wantOK {
			t.Fatalf("code %s matched %d, %v; want %d, %v", code, got, ok, want, wantOK)
		}
	})
}

func TestMatchTOTPIsTheLowestInTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKey(t)
		k.Period = rapid.IntRange(15, 120).Draw(t, "period")
		now := rapid.Int64Range(0, 1<<36).Draw(t, "now")
		step := now / int64(k.Period)
		last := step + rapid.Int64Range(-10, 10).Draw(t, "last")
		window := rapid.IntRange(0, oath.MaxWindow).Draw(t, "window")
		drift := rapid.IntRange(-5, 5).Draw(t, "drift")
		code := codeOf(k, step+rapid.Int64Range(-8, 8).Draw(t, "offset"))

		middle := step + int64(drift)
		want, wantOK := lowest(k, code, max(last+1, middle-int64(window)), middle+int64(window))
		if got, ok := k.MatchTOTP(code, time.Unix(now, 0), last, window, drift); got != want || ok != wantOK {
			t.Fatalf("code %s matched %d, %v; want %d, %v", code, got, ok, want, wantOK)
		}
	})
}

// What was used once never matches again, whatever comes after it.
func TestMatchedCounterNeverReturns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKey(t)
		last := int64(-1)
		for range rapid.IntRange(1, 20).Draw(t, "logins") {
			code := codeOf(k, last+1+rapid.Int64Range(0, 5).Draw(t, "skipped"))
			counter, ok := k.MatchHOTP(code, last, 5)
			if !ok || counter <= last {
				t.Fatalf("code %s after %d matched %d, %v", code, last, counter, ok)
			}
			// Chance may give a later counter the same code; the used one is gone.
			if again, ok := k.MatchHOTP(code, counter, 5); ok && again <= counter {
				t.Fatalf("code %s matched %d, and then %d", code, counter, again)
			}
			last = counter
		}
	})
}
